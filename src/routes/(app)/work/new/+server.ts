import { json } from '@sveltejs/kit';
import { createActivity, createActivitySchema } from '#lib/server/activities/createActivity.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { readBody } from '#lib/server/readBody.ts';
import { listUsers } from '#lib/server/users/listUsers.ts';
import type { RequestHandler } from './$types';

/** Who a task or call can be given to. */
export const GET: RequestHandler = async ({ locals }) => {
	const actor = requireActor(locals);
	const users = await locals.withOrg((tx) => listUsers(tx, actor));
	return json(users.filter(({ active }) => active).map(({ id, name }) => ({ id, name, active: true })));
};

/** CRM-8, CRM-9: a task or call made by hand. */
export const POST: RequestHandler = async ({ locals, request }) => {
	const actor = requireActor(locals);
	const input = await readBody(request, createActivitySchema);
	return json({ id: await locals.withOrg((tx) => createActivity(tx, actor, input)) });
};
