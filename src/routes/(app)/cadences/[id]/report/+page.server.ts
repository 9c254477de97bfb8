import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listVersions } from '#lib/server/cadences/listVersions.ts';
import { getFunnel } from '#lib/server/reports/getFunnel.ts';
import { readReportAddress } from './reportAddress.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const { filter, problem } = readReportAddress(params.id, url.searchParams);
	return locals.withOrg(async (tx) => ({
		filter,
		problem,
		ownOnly: actor.permissions.recordVisibility === 'own',
		funnel: await getFunnel(tx, actor, filter),
		versions: (await listVersions(tx, actor, params.id)).map(({ id, n }) => ({ id, n }))
	}));
};
