import { sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { ParsedReportFilter } from '#lib/domain/report/filter.ts';
import type { CountRow } from '#lib/domain/report/funnel.ts';
import { uncounted } from '#lib/domain/enrollment/deltas.ts';
import type { Executor } from '../db/client.ts';

const countRow = z.object({
	actionId: z.string(),
	kind: z.string(),
	detail: z.string(),
	first: z.boolean(),
	machine: z.boolean(),
	count: z.coerce.number()
});

/** The days of a filter, over the columns `day` or `enrolled_day` of the alias. */
export function daysCondition({ mode, from, to }: ParsedReportFilter, alias: SQL): SQL {
	const column = mode === 'enrolled' ? sql`${alias}.enrolled_day` : sql`${alias}.day`;
	return sql`(${from}::date is null or ${column} >= ${from}::date) and (${to}::date is null or ${column} <= ${to}::date)`;
}

/**
 * REP-3: the sums of a cadence from the rollup and the deltas not folded yet, in one statement and so in one snapshot:
 * equal to a recount of the log at any time (PERFORMANCE.md 6: 8 ms at 10 million events).
 */
export async function readCounts(
	tx: Executor,
	orgId: string,
	filter: ParsedReportFilter
): Promise<CountRow[]> {
	const where = sql`x.org_id = ${orgId} and x.cadence_id = ${filter.cadenceId}
		and (${filter.versionId}::uuid is null or x.version_id = ${filter.versionId}) and ${daysCondition(filter, sql`x`)}`;
	const columns = sql`x.action_id, x.kind, x.detail, x.first, x.machine, x.count`;
	const rows = await tx.execute(sql`
		select action_id as "actionId", kind, detail, first, machine, sum(count) as count from (
			select ${columns} from report_counts x where ${where}
			union all select ${columns} from report_deltas x where ${where}
		) s group by 1, 2, 3, 4, 5 having sum(count) <> 0`);
	return z.array(countRow).parse([...rows]);
}

/**
 * REP-3: the same sums by a plain count over the event log. Used for what the rollup does not carry (records of one
 * owner), by the admin's check and by tests.
 */
export async function recountEvents(
	tx: Executor,
	orgId: string,
	filter: ParsedReportFilter,
	ownerId: string | null = null
): Promise<CountRow[]> {
	const owned = sql`and exists (select 1 from records r
		where r.org_id = e.org_id and r.id = e.record_id and r.owner_id = ${ownerId})`;
	const inVersion = sql`(${filter.versionId}::uuid is null or e.version_id = ${filter.versionId})`;
	const rows = await tx.execute(sql`
		with e as materialized (
			select e.* from events e
			where e.org_id = ${orgId} and e.cadence_id = ${filter.cadenceId}
				and e.kind <> all(${sql.param([...uncounted])}::text[]) ${ownerId === null ? sql`` : owned}
		), steps as (
			select e.enrollment_id, e.run_no, e.version_id, e.follow_up, e.day, e.enrolled_day, e.at, e.id from e
			where e.kind in ('executed', 'skipped')
		), reached as (
			select distinct on (n, e.enrollment_id, e.run_no) n, e.version_id, e.day, e.enrolled_day
			from generate_series(1, (select max(follow_up) from steps)) n
			join steps e on e.follow_up >= n
			order by n, e.enrollment_id, e.run_no, e.at, e.id
		)
		select coalesce(e.action_id, '') as "actionId", e.kind, coalesce(e.detail, '') as detail, e.first, e.machine,
			count(*) as count
		from e where ${inVersion} and ${daysCondition(filter, sql`e`)} group by 1, 2, 3, 4, 5
		union all
		select '', 'reached', e.n::text, true, false, count(*)
		from reached e where ${inVersion} and ${daysCondition(filter, sql`e`)} group by 3`);
	return z.array(countRow).parse([...rows]);
}
