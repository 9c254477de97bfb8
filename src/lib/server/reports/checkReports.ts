import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { canonicalJson } from '#lib/domain/plan/canonicalJson.ts';
import { reportFilterSchema, type ReportFilter } from '#lib/domain/report/filter.ts';
import type { CountRow } from '#lib/domain/report/funnel.ts';
import type { OrgTx } from '../db/client.ts';
import { readCounts, recountEvents } from './readCounts.ts';

export type ReportDifference = Omit<CountRow, 'count'> & { report: number; log: number };

/**
 * REP-3: where the report's sums differ from a plain count of the log; empty when all is well. For an administrator who
 * doubts a number. Run it in a repeatable-read transaction while the engine works.
 */
export async function checkReports(
	tx: OrgTx,
	actor: Actor,
	input: ReportFilter
): Promise<ReportDifference[]> {
	requirePermission(actor, 'admin');
	const filter = reportFilterSchema.parse(input);
	const report = await readCounts(tx, actor.orgId, filter);
	const log = await recountEvents(tx, actor.orgId, filter);
	const found = new Map<string, ReportDifference>();
	const at = ({ count: _count, ...key }: CountRow): ReportDifference => {
		const text = canonicalJson(key);
		const known = found.get(text) ?? { ...key, report: 0, log: 0 };
		found.set(text, known);
		return known;
	};
	for (const row of report) at(row).report += row.count;
	for (const row of log) at(row).log += row.count;
	return [...found.values()].filter((row) => row.report !== row.log);
}
