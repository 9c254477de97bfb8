import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getUsage } from '#lib/server/limits/getUsage.ts';
import { listOverview } from '#lib/server/reports/listOverview.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => ({
		breadcrumb: [{ label: 'Reports' }],
		ownOnly: actor.permissions.recordVisibility === 'own',
		cadences: await listOverview(tx, actor),
		usage: await getUsage(tx, actor)
	}));
};
