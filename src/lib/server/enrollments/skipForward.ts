import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { skipId } from '#lib/domain/enrollment/branches.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockShared } from '../engine/activeCadences.ts';
import { enqueue } from '../jobs.ts';
import { changeRuns } from './changeRuns.ts';
import { inlineLimit } from './enrollInput.ts';
import { cadencesOf, resolveRuns, runSelectionSchema } from './resolveRuns.ts';
import { startBackgroundTask } from './startBackgroundTask.ts';

export const skipSchema = runSelectionSchema.and(z.object({ actionId: z.string().min(1).max(40) }));

export type SkipResult = {
	skippedForward: number;
	/** Ended, past that action, or on a version in which it does not come after the current one. */
	unchanged: number;
};
export type SkipOutcome =
	({ kind: 'done' } & SkipResult) | { kind: 'background'; taskId: string; total: number };

/**
 * ENR-8 [+]: sends live runs on to an action after their current one that they have not run: it is due at once (at resume
 * if paused). Permission MANAGE or ENROLL.
 * @throws forbidden, invalid when none of them can be sent there
 */
export async function skipForward(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof skipSchema>
): Promise<SkipOutcome> {
	requirePermission(actor, 'cadences.enroll');
	const { actionId, ...selection } = skipSchema.parse(input);
	const ids = await resolveRuns(tx, actor, selection);
	if (ids.length > inlineLimit) {
		const taskId = await startBackgroundTask(tx, actor, 'skip', { enrollmentIds: ids, actionId }, ids.length);
		return { kind: 'background', taskId, total: ids.length };
	}
	const result = await skipChunk(tx, actor, ids, actionId);
	if (!result.skippedForward)
		throw new DomainError(
			'invalid',
			'None of these records can be sent to that action: it does not come after the one they are at, or they had it already.',
			'/actionId'
		);
	return { kind: 'done', ...result };
}

/** One set in the caller's transaction: cadence locks in id order, then rows (RELIABILITY.md 2.2). */
export async function skipChunk(
	tx: OrgTx,
	actor: Actor,
	ids: readonly string[],
	actionId: string
): Promise<SkipResult> {
	const cadenceIds = await cadencesOf(tx, actor.orgId, ids);
	await lockShared(tx, cadenceIds);
	const some = sql`e.id = any(${sql.param([...ids])}::uuid[])`;
	const skipped = await changeRuns(tx, actor.orgId, some, { kind: 'skipTo', actionId }, actor.userId);
	await withdrawMessages(tx, actor.orgId, ids, actionId);
	await writeAudit(
		tx,
		actor,
		cadenceIds.map((cadenceId) => ({
			action: 'cadence.skipForward',
			objectType: 'cadence',
			objectId: cadenceId,
			after: { skipped, actionId }
		}))
	);
	if (skipped) await enqueue(tx, 'advance', {}, { key: 'advance' });
	return { skippedForward: skipped, unchanged: ids.length - skipped };
}

/** EXE-10: what waits in the outbox is withdrawn; what a sender has begun goes out, and is credited to its action. */
async function withdrawMessages(
	tx: OrgTx,
	orgId: string,
	ids: readonly string[],
	actionId: string
): Promise<void> {
	const skip = skipId(actionId);
	await tx.execute(sql`
		with sent as (
			select e.org_id, e.id, e.run_no, e.current_action_id from enrollments e
			where e.org_id = ${orgId}::uuid and e.id = any(${sql.param([...ids])}::uuid[])
				and (e.race -> 'timed' ? ${skip} or e.frozen ? ${skip})
		), held as (
			select m.org_id, m.id from messages m join sent s on m.org_id = s.org_id and m.enrollment_id = s.id
				and m.run_no = s.run_no and m.action_id = s.current_action_id
			where m.status in ('queued', 'claimed') order by m.org_id, m.id for update of m
		), withdrawn as (
			update messages m set status = 'cancelled', settled_at = app.now(), error_code = 'withdrawn', wait_reason = null,
				claim = null, lease_until = null
			from held h where m.org_id = h.org_id and m.id = h.id
			returning m.org_id, m.enrollment_id, m.run_no, m.action_id, m.action_run_id
		), uncalled as (
			update webhook_calls m set status = 'cancelled', settled_at = app.now(), wait_reason = null from sent s
			where m.org_id = s.org_id and m.enrollment_id = s.id and m.run_no = s.run_no and m.action_id = s.current_action_id
				and m.status = 'queued' returning m.org_id, m.enrollment_id, m.run_no, m.action_id, m.action_run_id
		), unreviewed as (
			-- GRA-8: nothing is left to review.
			update activities t set status = 'Cancelled', cancelled_at = app.now(), cancelled_by = 'system' from withdrawn w
			where t.org_id = w.org_id and t.id = w.action_run_id and t.review
				and t.completed_at is null and t.cancelled_at is null and t.deleted_at is null
		)
		update action_runs a set status = 'cancelled' from (table withdrawn union all table uncalled) w
		where a.org_id = w.org_id and a.enrollment_id = w.enrollment_id and a.run_no = w.run_no and a.action_id = w.action_id
			and a.status = 'queued'`);
}
