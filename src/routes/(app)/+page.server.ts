import { can } from '#lib/domain/access/permissions.ts';
import { listWork } from '#lib/server/activities/listWork.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listCadences } from '#lib/server/cadences/listCadences.ts';
import { listRecentRecords } from '#lib/server/shell/listRecentRecords.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, depends }) => {
	depends('app:work');
	const actor = requireActor(locals);
	return locals.withOrg(async (tx) => ({
		breadcrumb: [{ label: 'Home' }],
		work: await listWork(tx, actor, { scope: 'due', limit: 6 }),
		records: await listRecentRecords(tx, actor),
		cadences: can(actor, 'cadences.view') ? await listCadences(tx, actor, { state: 'active' }) : []
	}));
};
