import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listNotifications } from '#lib/server/notifications/listNotifications.ts';
import { markNotificationsRead } from '#lib/server/notifications/markNotificationsRead.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ locals }) => {
	const actor = requireActor(locals);
	return json(await locals.withOrg((tx) => listNotifications(tx, actor)));
};

const body = z.object({ id: z.uuid().nullable() });

export const POST: RequestHandler = async ({ locals, request }) => {
	const actor = requireActor(locals);
	const { id } = await readBody(request, body);
	return json({ unread: await locals.withOrg((tx) => markNotificationsRead(tx, actor, id)) });
};
