import { sql } from 'drizzle-orm';
import { isAction } from '#lib/domain/enrollment/branches.ts';
import { isFinal, isResumable } from '#lib/domain/enrollment/endReason.ts';
import { endReasons } from '#lib/domain/enrollment/state.ts';
import type { OrgTx } from '../db/client.ts';
import { leaveReason } from '../engine/cadenceConditions.ts';
import type { CadenceContext } from '../engine/cadenceContext.ts';
import { holdRecords } from './holdRecords.ts';

/** REE-1, REE-3: why an ended run can be restarted but not resumed. */
const restartOnlyReasons = ['completed', 'failed', 'exit', 'activity_deleted', 'action_gone'] as const;
export type RestartOnly = (typeof restartOnlyReasons)[number];

/** REE-0, REE-1, ENR-3: why neither. */
export type ReenrollSkip =
	'still_running' | 'cadence_inactive' | 'final' | 'record_gone' | 'matches_unenrollment';

export type EndedRun = { id: string; outcome: 'resume' | 'unpause' | RestartOnly | ReenrollSkip };

export const isRestartOnly = (outcome: EndedRun['outcome']): outcome is RestartOnly =>
	restartOnlyReasons.some((one) => one === outcome);

/**
 * REE-0..REE-3, ENR-3: what can become of each of these enrollments of one cadence, in one statement on fresh data.
 * `unpause`: not ended, but a person paused it. With `lock` the rows are locked in id order, after their records.
 */
export async function classifyEnded(
	tx: OrgTx,
	cadence: CadenceContext,
	ids: readonly string[],
	lock = false
): Promise<EndedRun[]> {
	if (lock)
		await holdRecords(
			tx,
			cadence.orgId,
			sql`array(select e.record_id from enrollments e where e.org_id = ${cadence.orgId}::uuid
				and e.cadence_id = ${cadence.id}::uuid and e.id = any(${sql.param([...ids])}::uuid[]))`
		);
	const leave = await leaveReason(tx, cadence);
	const final = endReasons.filter(isFinal);
	const resumable = endReasons.filter(isResumable);
	const actions = Object.values(cadence.plan?.nodes ?? {})
		.filter(isAction)
		.map((node) => node.id);
	const rows = await tx.execute<EndedRun>(sql`
		select e.id, case
			when e.status = 'paused' and e.pause_causes ? 'person' then 'unpause'
			when e.status in ('active', 'paused') then 'still_running'
			when e.end_reason = any(${sql.param(final)}::text[]) then 'final'
			when ${leave} in ('merged', 'converted', 'record_deleted') then 'record_gone'
			when ${cadence.state !== 'active' || cadence.deleted} then 'cadence_inactive'
			when ${leave} is not null then 'matches_unenrollment'
			when e.status = 'completed' then 'completed'
			when e.status = 'failed' then 'failed'
			when not e.end_reason = any(${sql.param(resumable)}::text[]) then 'exit'
			when e.current_action_id is not null and not e.current_action_id = any(${sql.param(actions)}::text[])
				then 'action_gone'
			when exists (select 1 from action_runs a join activities t on t.org_id = a.org_id and t.id = a.id
				where a.org_id = e.org_id and a.enrollment_id = e.id and a.run_no = e.run_no and t.deleted_at is not null)
				then 'activity_deleted'
			else 'resume' end as outcome
		from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
		where e.org_id = ${cadence.orgId}::uuid and e.cadence_id = ${cadence.id}::uuid
			and e.id = any(${sql.param([...ids])}::uuid[])
		order by e.id ${lock ? sql`for update of e` : sql``}`);
	return [...rows];
}
