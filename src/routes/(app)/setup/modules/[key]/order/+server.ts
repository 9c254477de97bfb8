import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { orderFields } from '#lib/server/modules/orderFields.ts';
import { readBody } from '#lib/server/readBody.ts';
import type { RequestHandler } from './$types';

/** CRM-3: the fields of the module in a new order. */
export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const { keys } = await readBody(request, z.object({ keys: z.array(z.string()).max(400) }));
	await locals.withOrg((tx) => orderFields(tx, actor, { moduleKey: params.key, keys }));
	return json({});
};
