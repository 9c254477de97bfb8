import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { isFinal } from '#lib/domain/enrollment/endReason.ts';
import { endReasons } from '#lib/domain/enrollment/state.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockShared } from '../engine/activeCadences.ts';
import { leaveReason } from '../engine/cadenceConditions.ts';
import type { CadenceContext } from '../engine/cadenceContext.ts';
import { entryDue } from '../engine/enrollSet.ts';
import { enqueue } from '../jobs.ts';
import { requireCadence } from './requireCadence.ts';
import { visibleRuns } from './visibleRuns.ts';

export const restartSchema = z.object({ enrollmentIds: z.array(z.uuid()).min(1).max(10_000) });

export type RestartSkip = 'still_running' | 'cadence_inactive' | 'final' | 'matches_unenrollment';
export type RestartResult = { restarted: number; skipped: Partial<Record<RestartSkip, number>> };

/**
 * REE-0, REE-1, REE-4: begins a new run from follow-up 1 on the active version, for ended runs while the cadence is
 * active. ENR-3 holds as for enrolling. Permission MANAGE or ENROLL.
 */
export async function restartEnrollments(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof restartSchema>
): Promise<RestartResult> {
	requirePermission(actor, 'cadences.enroll');
	const { enrollmentIds } = restartSchema.parse(input);
	const { ids, cadenceIds } = await visibleRuns(tx, actor, enrollmentIds);
	await lockShared(tx, cadenceIds);
	const result: RestartResult = { restarted: 0, skipped: {} };
	for (const cadenceId of [...cadenceIds].sort()) {
		const cadence = await requireCadence(tx, actor, cadenceId);
		const rows = await classify(tx, cadence, ids);
		for (const { outcome } of rows)
			if (outcome !== 'ok') result.skipped[outcome] = (result.skipped[outcome] ?? 0) + 1;
		const restarted = await restart(
			tx,
			cadence,
			rows.filter((row) => row.outcome === 'ok').map((row) => row.id),
			actor.userId
		);
		result.restarted += restarted;
		await writeAudit(tx, actor, {
			action: 'cadence.restart',
			objectType: 'cadence',
			objectId: cadenceId,
			after: { restarted }
		});
	}
	if (result.restarted) await enqueue(tx, 'advance', {}, { key: 'advance' });
	return result;
}

async function classify(tx: OrgTx, cadence: CadenceContext, ids: readonly string[]) {
	const leave = await leaveReason(tx, cadence);
	const final = endReasons.filter(isFinal);
	return tx.execute<{ id: string; outcome: RestartSkip | 'ok' }>(sql`
		select e.id, case
			when e.status in ('active', 'paused') then 'still_running'
			when ${cadence.state !== 'active'} then 'cadence_inactive'
			when e.end_reason = any(${sql.param(final)}::text[]) then 'final'
			when ${leave} is not null then 'matches_unenrollment'
			else 'ok' end as outcome
		from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
		where e.org_id = ${cadence.orgId}::uuid and e.cadence_id = ${cadence.id}::uuid
			and e.id = any(${sql.param([...ids])}::uuid[])
		order by e.id for update of e`);
}

async function restart(tx: OrgTx, cadence: CadenceContext, ids: readonly string[], userId: string) {
	if (!ids.length) return 0;
	const list = sql`${sql.param([...ids])}::uuid[]`;
	const due = await entryDue(
		tx,
		cadence,
		sql`r.id in (select record_id from enrollments where org_id = ${cadence.orgId}::uuid and id = any(${list}))`
	);
	const { entry } = cadence.plan!;
	const [row] = await tx.execute<{ n: number }>(sql`
		with begun as (
			update enrollments e set run_no = e.run_no + 1, status = 'active', version_id = ${cadence.activeVersionId}::uuid,
				race = null, frozen = null, done = '[]', current_action_id = null, follow_up = 0, pause_causes = '[]',
				paused_until = null, next_branch_id = ${entry.id}, next_action_id = ${entry.target},
				due_at = coalesce(z.due, ${due.otherwise}::timestamptz), enrolled_at = ${due.now}::timestamptz,
				enrolled_by = ${userId}::uuid, last_response = null, last_response_at = null, ended_at = null, ended_by = null,
				end_reason = null, end_detail = null, quarantined_at = null, quarantine_reason = null, version = e.version + 1
			from records r
			left join jsonb_to_recordset(${JSON.stringify(due.byZone)}::jsonb) as z(zone text, due timestamptz)
				on z.zone = r.time_zone
			where e.org_id = ${cadence.orgId}::uuid and e.id = any(${list}) and r.org_id = e.org_id and r.id = e.record_id
				and e.status not in ('active', 'paused')
			returning e.org_id, e.id, e.run_no, e.record_id
		), logged as (
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, kind, detail, actor_id,
				enrolled_day, day)
			select b.org_id, ${due.now}::timestamptz, ${cadence.id}::uuid, ${cadence.activeVersionId}::uuid, b.id, b.run_no,
				b.record_id, 'enrolled', 'restart', ${userId}::uuid, ${cadence.today}::date, ${cadence.today}::date
			from begun b
		), counted as (
			insert into report_deltas (org_id, cadence_id, version_id, kind, detail, first, day, enrolled_day, count)
			select ${cadence.orgId}::uuid, ${cadence.id}::uuid, ${cadence.activeVersionId}::uuid, 'enrolled', 'restart', true,
				${cadence.today}::date, ${cadence.today}::date, count(*)
			from begun having count(*) > 0
		)
		select count(*)::int as n from begun`);
	return row?.n ?? 0;
}
