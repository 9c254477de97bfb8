import { json } from '@sveltejs/kit';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { fieldUsers } from '#lib/server/modules/fieldUsers.ts';
import { getModule } from '#lib/server/modules/getModule.ts';
import type { RequestHandler } from './$types';

/** CRM-3: who uses a field, for the dialog that deletes it. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const users = await locals.withOrg(async (tx) => {
		requirePermission(actor, 'admin');
		const module = await getModule(tx, params.key);
		return fieldUsers(tx, { module, fieldKey: url.searchParams.get('field') ?? '' });
	});
	return json(users);
};
