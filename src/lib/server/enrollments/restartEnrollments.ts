import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockShared } from '../engine/activeCadences.ts';
import type { CadenceContext } from '../engine/cadenceContext.ts';
import { entersByZone, entryDue } from '../engine/enrollSet.ts';
import { enqueue } from '../jobs.ts';
import { classifyEnded, isRestartOnly, type ReenrollSkip } from './classifyEnded.ts';
import { inlineLimit, startAtSchema } from './enrollInput.ts';
import { requireStart } from './enrollRecords.ts';
import { requireCadence } from './requireCadence.ts';
import { cadencesOf, resolveRuns, runSelectionSchema } from './resolveRuns.ts';
import { startBackgroundTask } from './startBackgroundTask.ts';

export const restartSchema = runSelectionSchema.and(z.object({ startAt: startAtSchema }));

export type RestartResult = { restarted: number; skipped: Partial<Record<ReenrollSkip, number>> };
export type RestartOutcome =
	({ kind: 'done' } & RestartResult) | { kind: 'background'; taskId: string; total: number };

/**
 * REE-0, REE-1, REE-4: begins a new run from follow-up 1 on the active version, for ended runs while the cadence is
 * active. ENR-3 holds as for enrolling. Permission MANAGE or ENROLL.
 */
export async function restartEnrollments(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof restartSchema>
): Promise<RestartOutcome> {
	requirePermission(actor, 'cadences.enroll');
	const { startAt, ...selection } = restartSchema.parse(input);
	const ids = await resolveRuns(tx, actor, selection);
	if (ids.length > inlineLimit) {
		const task = { enrollmentIds: ids, startAt };
		const taskId = await startBackgroundTask(tx, actor, 'restart', task, ids.length);
		return { kind: 'background', taskId, total: ids.length };
	}
	return { kind: 'done', ...(await restartChunk(tx, actor, ids, startAt)) };
}

/** One set in the caller's transaction: cadence locks in id order, then rows (RELIABILITY.md 2.2). */
export async function restartChunk(
	tx: OrgTx,
	actor: Actor,
	ids: readonly string[],
	startAt: string | null
): Promise<RestartResult> {
	const cadenceIds = await cadencesOf(tx, actor.orgId, ids);
	await lockShared(tx, cadenceIds);
	const result: RestartResult = { restarted: 0, skipped: {} };
	for (const cadenceId of cadenceIds) {
		const cadence = await requireCadence(tx, actor, cadenceId);
		requireStart(cadence, startAt);
		const rows = await classifyEnded(tx, cadence, ids, true);
		const wanted: string[] = [];
		for (const { id, outcome } of rows) {
			if (outcome === 'resume' || isRestartOnly(outcome)) {
				wanted.push(id);
				continue;
			}
			const reason = outcome === 'unpause' ? 'still_running' : outcome;
			result.skipped[reason] = (result.skipped[reason] ?? 0) + 1;
		}
		const restarted = await restart(tx, cadence, wanted, { userId: actor.userId, startAt });
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

async function restart(
	tx: OrgTx,
	cadence: CadenceContext,
	ids: readonly string[],
	{ userId, startAt }: { userId: string; startAt: string | null }
) {
	if (!ids.length) return 0;
	const list = sql`${sql.param([...ids])}::uuid[]`;
	const zones = entersByZone(cadence, startAt)
		? await tx.execute<{ zone: string | null }>(sql`
			select distinct r.time_zone as zone from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
			where e.org_id = ${cadence.orgId}::uuid and e.id = any(${list})`)
		: [];
	const due = await entryDue(
		tx,
		cadence,
		startAt,
		zones.map(({ zone }) => zone)
	);
	const [row] = await tx.execute<{ n: number }>(sql`
		with begun as (
			update enrollments e set run_no = e.run_no + 1, status = 'active', version_id = ${cadence.activeVersionId}::uuid,
				race = null, frozen = null, done = '[]', current_action_id = null, follow_up = 0, pause_causes = '[]',
				paused_until = null, next_branch_id = ${due.branchId}, next_action_id = ${due.actionId},
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
