import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getCadence } from '#lib/server/cadences/getCadence.ts';
import { funnelCsv } from '#lib/server/reports/funnelCsv.ts';
import { getFunnel } from '#lib/server/reports/getFunnel.ts';
import { readReportAddress } from '../reportAddress.ts';
import type { RequestHandler } from './$types';

/** REP-1: the figures under the filter of the address, as CSV. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const { cadence, funnel } = await locals.withOrg(async (tx) => {
		const cadence = await getCadence(tx, actor, params.id);
		const { filter } = readReportAddress(cadence.id, url.searchParams);
		return { cadence, funnel: await getFunnel(tx, actor, filter) };
	});
	const name = cadence.name.replace(/[^\p{L}\p{N} _-]/gu, '').trim() || 'cadence';
	return new Response(funnelCsv(funnel), {
		headers: {
			'content-type': 'text/csv; charset=utf-8',
			'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(`${name} report.csv`)}`,
			'cache-control': 'no-store'
		}
	});
};
