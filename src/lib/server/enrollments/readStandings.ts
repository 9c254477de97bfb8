import { sql } from 'drizzle-orm';
import { noResponseId } from '#lib/domain/enrollment/race.ts';
import {
	compareForRuns,
	sumImpact,
	type PublishImpact,
	type StandingImpact
} from '#lib/domain/plan/impact.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';

/** Live runs of a cadence that stand alike, and what the new version means for them. */
export type StandingGroup = { signature: string; count: number; impact: StandingImpact };

type Row = {
	signature: string;
	version_id: string;
	current_action_id: string | null;
	unopened: boolean;
	branches: string[];
	count: number;
};

/** Keys of what is timed, read by a path: a sub-select per row costs several times as much. */
const timed = sql`jsonb_path_query_array(e.race, '$.timed.keyvalue().key', '{}', true)`;
const frozen = sql`jsonb_path_query_array(e.frozen, '$.keyvalue().key', '{}', true)`;
const unopened = sql`(e.current_action_id is not null and e.race ->> 'openedAt' is null)`;
const signature = sql`concat_ws(' ', e.version_id, e.current_action_id, e.next_branch_id, ${timed}, ${frozen}, ${unopened})`;

/**
 * VER-4: how publishing `plan` touches the live runs of a cadence. The database groups them by where they stand: the rows
 * themselves are never read to count them.
 */
export async function readStandings(
	tx: OrgTx,
	orgId: string,
	{ cadenceId, plan, versionId }: { cadenceId: string; plan: Plan; versionId?: string }
): Promise<{ groups: StandingGroup[]; impact: PublishImpact }> {
	const rows = await tx.execute<Row>(sql`
		select ${signature} as signature, e.version_id, e.current_action_id, ${unopened} as unopened,
			coalesce(${timed}, '[]') || coalesce(${frozen}, '[]')
				|| case when e.next_branch_id is null then '[]' else jsonb_build_array(e.next_branch_id) end as branches,
			count(*)::int as count
		from enrollments e
		where e.org_id = ${orgId}::uuid and e.cadence_id = ${cadenceId}::uuid and e.status in ('active', 'paused')
			and e.version_id is distinct from ${versionId ?? null}::uuid
		group by 1, 2, 3, 4, 5 order by 1`);
	const plans = await loadPlans(
		tx,
		rows.map((row) => ({ orgId, versionId: row.version_id }))
	);
	const comparisons = new Map<string, ReturnType<typeof compareForRuns>>();
	for (const [version, older] of plans) comparisons.set(version, compareForRuns(older, plan));
	const groups = rows.map((row) => {
		const branches = [...new Set(row.branches)].filter((id) => id !== noResponseId);
		const impact = comparisons.get(row.version_id)!({
			currentActionId: row.current_action_id,
			// A refusal that came instead of the hand-over has timed what follows it.
			queued: row.unopened && branches.length === 0,
			branches
		});
		return { signature: row.signature, count: row.count, impact };
	});
	return { groups, impact: sumImpact(groups) };
}

/** The runs of some groups, in id order. */
export async function runsStanding(
	tx: OrgTx,
	orgId: string,
	cadenceId: string,
	groups: readonly StandingGroup[]
): Promise<string[]> {
	if (!groups.length) return [];
	const signatures = groups.map((group) => group.signature);
	const rows = await tx.execute<{ id: string }>(sql`
		select e.id from enrollments e
		where e.org_id = ${orgId}::uuid and e.cadence_id = ${cadenceId}::uuid and e.status in ('active', 'paused')
			and ${signature} = any(${sql.param(signatures)}::text[])
		order by e.id`);
	return rows.map((row) => row.id);
}
