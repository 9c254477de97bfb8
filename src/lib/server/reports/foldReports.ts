import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';

/**
 * Moves deltas into the daily rollup: delete ... returning into an upsert, one statement, so that each delta is counted
 * in exactly one place in every snapshot (PERFORMANCE.md 7, rule 5). Folders may overlap: each takes other rows, and
 * all upsert in key order.
 * @returns deltas folded; call again while it equals `limit`
 */
export async function foldReports(
	tx: Executor,
	{ limit = 20_000 }: { limit?: number } = {}
): Promise<number> {
	const rows = await tx.execute<{ n: number }>(sql`
		with taken as (
			delete from report_deltas where id in (
				select id from report_deltas order by id limit ${limit} for update skip locked
			) returning org_id, cadence_id, version_id, action_id, kind, detail, first, machine, day, enrolled_day, count
		), folded as (
			insert into report_counts (org_id, cadence_id, version_id, action_id, kind, detail, first, machine, day,
				enrolled_day, count)
			select org_id, cadence_id, version_id, action_id, kind, detail, first, machine, day, enrolled_day, sum(count)
			from taken group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
			on conflict on constraint report_counts_pkey do update set count = report_counts.count + excluded.count
			returning 1
		)
		select count(*)::int as n from taken`);
	return rows[0]?.n ?? 0;
}

/** Folds until nothing is left, a short transaction at a time. */
export async function foldAll(
	db: Executor,
	{ signal }: { signal?: AbortSignal | undefined } = {}
): Promise<void> {
	const limit = 20_000;
	while (!signal?.aborted) if ((await foldReports(db, { limit })) < limit) return;
}
