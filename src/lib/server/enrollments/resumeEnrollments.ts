import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockShared } from '../engine/activeCadences.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { changeRuns } from './changeRuns.ts';
import { classifyEnded, type EndedRun } from './classifyEnded.ts';
import { inlineLimit } from './enrollInput.ts';
import { freeMessages } from './holdMessages.ts';
import { requireCadence } from './requireCadence.ts';
import { cadencesOf, resolveRuns, runSelectionSchema } from './resolveRuns.ts';
import { resumeStoppedRuns } from './resumeStoppedRuns.ts';
import { startBackgroundTask } from './startBackgroundTask.ts';

export const resumeSchema = runSelectionSchema;

type ResumeSkip = Exclude<EndedRun['outcome'], 'resume' | 'unpause'>;
export type ResumeResult = { resumed: number; skipped: Partial<Record<ResumeSkip, number>> };
export type ResumeOutcome =
	({ kind: 'done' } & ResumeResult) | { kind: 'background'; taskId: string; total: number };

/**
 * ENR-9, REE-0..REE-4: ends a person's pause, and lets stopped runs go on where they stopped, on the active version. What
 * can only be restarted, or neither, is skipped and counted by reason. Permission MANAGE or ENROLL.
 * @throws invalid when nothing of it could go on
 */
export async function resumeEnrollments(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof resumeSchema>
): Promise<ResumeOutcome> {
	requirePermission(actor, 'cadences.enroll');
	const ids = await resolveRuns(tx, actor, resumeSchema.parse(input));
	if (ids.length > inlineLimit) {
		const taskId = await startBackgroundTask(tx, actor, 'resume', { enrollmentIds: ids }, ids.length);
		return { kind: 'background', taskId, total: ids.length };
	}
	const result = await resumeChunk(tx, actor, ids);
	if (!result.resumed)
		throw new DomainError(
			'invalid',
			'None of these records can go on where it stopped. Restart them instead, or look at the reason each of them ended for.',
			'/enrollmentIds',
			{ skipped: result.skipped }
		);
	return { kind: 'done', ...result };
}

/** One set in the caller's transaction: cadence locks in id order, then rows (RELIABILITY.md 2.2). */
export async function resumeChunk(tx: OrgTx, actor: Actor, ids: readonly string[]): Promise<ResumeResult> {
	const cadenceIds = await cadencesOf(tx, actor.orgId, ids);
	await lockShared(tx, cadenceIds);
	const result: ResumeResult = { resumed: 0, skipped: {} };
	for (const cadenceId of cadenceIds) {
		const cadence = await requireCadence(tx, actor, cadenceId);
		const rows = await classifyEnded(tx, cadence, ids, true);
		const of = (outcome: EndedRun['outcome']) =>
			rows.filter((row) => row.outcome === outcome).map((row) => row.id);
		for (const { outcome } of rows)
			if (outcome !== 'resume' && outcome !== 'unpause')
				result.skipped[outcome] = (result.skipped[outcome] ?? 0) + 1;
		const stopped = of('resume');
		const unpaused = await resumePaused(tx, actor.orgId, of('unpause'), actor.userId);
		const went = await resumeStoppedRuns(tx, cadence, stopped, actor.userId);
		const gone = stopped.length - went;
		if (gone) result.skipped.action_gone = (result.skipped.action_gone ?? 0) + gone;
		result.resumed += unpaused + went;
		await writeAudit(tx, actor, {
			action: 'cadence.resumeRuns',
			objectType: 'cadence',
			objectId: cadenceId,
			after: { resumed: unpaused + went }
		});
	}
	failpoint('resume.written');
	if (result.resumed) await enqueue(tx, 'advance', {}, { key: 'advance' });
	return result;
}

/** ENR-8: also what the sweep does when a pause has reached its date. */
export async function resumePaused(
	tx: OrgTx,
	orgId: string,
	ids: readonly string[],
	actorId: string | null
): Promise<number> {
	if (!ids.length) return 0;
	const some = sql`e.id = any(${sql.param([...ids])}::uuid[])`;
	const paused = sql`${some} and e.pause_causes ? 'person'`;
	const resumed = await changeRuns(tx, orgId, paused, { kind: 'resume', cause: 'person' }, actorId);
	await tx.execute(
		sql`update enrollments e set paused_until = null where e.org_id = ${orgId}::uuid and ${some} and e.paused_until is not null`
	);
	await freeMessages(tx, orgId, sql`m.enrollment_id = any(${sql.param([...ids])}::uuid[])`);
	if (resumed) await enqueue(tx, 'advance', {}, { key: 'advance' });
	return resumed;
}
