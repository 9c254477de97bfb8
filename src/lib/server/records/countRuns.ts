import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { isFinal } from '#lib/domain/enrollment/endReason.ts';
import { endReasons } from '#lib/domain/enrollment/state.ts';
import type { OrgTx } from '../db/client.ts';
import { resolveSelection, type Selection } from './resolveSelection.ts';

export type RunCounts = {
	selected: number;
	/** Active or paused: what un-enrolling would stop. */
	live: number;
	/** Ended runs that may begin again (REE-1), at most 10,000. */
	restartable: string[];
	/** Ended for good: converted, merged, cadence deleted. */
	final: number;
	never: number;
};

/** UNE-3, REE-2: how the selected records stand in a cadence, before anything is changed. */
export async function countRuns(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; cadenceId: string; selection: Selection }
): Promise<RunCounts> {
	requirePermission(actor, 'cadences.view');
	const ids = await resolveSelection(tx, actor, input);
	const final = endReasons.filter(isFinal);
	const [row] = await tx.execute<{
		live: number;
		final: number;
		known: number;
		restartable: string[] | null;
	}>(sql`
		select count(*) filter (where status in ('active', 'paused'))::int as live,
			count(*) filter (where end_reason = any(${sql.param(final)}::text[]))::int as final,
			count(*)::int as known,
			(array_agg(id order by id) filter (where status not in ('active', 'paused')
				and (end_reason = any(${sql.param(final)}::text[])) is not true))[1:10000] as restartable
		from enrollments
		where org_id = app.org_id() and cadence_id = ${input.cadenceId}::uuid
			and record_id = any(${sql.param(ids)}::uuid[])`);
	return {
		selected: ids.length,
		live: row?.live ?? 0,
		final: row?.final ?? 0,
		restartable: row?.restartable ?? [],
		never: ids.length - (row?.known ?? 0)
	};
}
