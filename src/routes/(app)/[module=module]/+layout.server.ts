import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getModule } from '#lib/server/modules/getModule.ts';
import { listUsers } from '#lib/server/users/listUsers.ts';
import type { LayoutServerLoad } from './$types';

/** What every page of a module needs: its fields, and the people that user fields may name. */
export const load: LayoutServerLoad = async ({ locals, params }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => ({
		module: await getModule(tx, params.module),
		users: (await listUsers(tx, actor)).map(({ id, name, active }) => ({ id, name, active }))
	}));
};
