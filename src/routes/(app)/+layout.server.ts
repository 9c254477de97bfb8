import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getShell } from '#lib/server/shell/getShell.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals, cookies, depends }) => {
	depends('app:shell');
	const actor = requireActor(locals);
	const { userId, name, email, timeZone, permissions } = actor;
	return {
		shell: await locals.withOrg((tx) => getShell(tx, actor)),
		me: { id: userId, name, email, timeZone, permissions },
		now: new Date(),
		sidebarCollapsed: cookies.get('sidebar') === 'narrow'
	};
};
