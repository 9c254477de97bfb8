import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { layoutSchema, saveViewLayout } from '#lib/server/views/viewLayout.ts';
import type { RequestHandler } from './$types';

const body = z.object({ viewId: z.uuid(), columns: layoutSchema.nullable() });

/** CRM-7: keeps the columns of a view's list for this user; null: as the view has them. */
export const POST: RequestHandler = async ({ locals, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, body);
	await locals.withOrg((tx) => saveViewLayout(tx, actor, input));
	return json({});
};
