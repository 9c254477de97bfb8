import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { readClock } from '../db/readClock.ts';
import { lockShared } from '../engine/activeCadences.ts';
import { changeRuns } from './changeRuns.ts';
import { inlineLimit } from './enrollInput.ts';
import { holdMessages } from './holdMessages.ts';
import { cadencesOf, resolveRuns, runSelectionSchema } from './resolveRuns.ts';
import { startBackgroundTask } from './startBackgroundTask.ts';

export const pauseSchema = runSelectionSchema.and(
	z.object({
		/** ENR-8: goes on by itself then; null: until somebody resumes it. */
		until: z.coerce.date({ error: 'Enter a day and a time.' }).nullable().default(null)
	})
);

const longestPauseMs = 3653 * 86_400_000;

export type PauseOutcome =
	{ kind: 'done'; paused: number } | { kind: 'background'; taskId: string; total: number };

/**
 * ENR-8, ENR-9: a person's pause of runs, until a date if one is given. Permission MANAGE or ENROLL.
 * @throws forbidden, invalid (a date in the past)
 */
export async function pauseEnrollments(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof pauseSchema>
): Promise<PauseOutcome> {
	requirePermission(actor, 'cadences.enroll');
	const { until, ...selection } = pauseSchema.parse(input);
	if (until && !(await isAhead(tx, until)))
		throw new DomainError(
			'invalid',
			'Choose a day in the future, within ten years, or pause without a date.',
			'/until'
		);
	const ids = await resolveRuns(tx, actor, selection);
	if (ids.length > inlineLimit) {
		const task = { enrollmentIds: ids, until: until?.toISOString() ?? null };
		const taskId = await startBackgroundTask(tx, actor, 'pause', task, ids.length);
		return { kind: 'background', taskId, total: ids.length };
	}
	return { kind: 'done', paused: await pauseChunk(tx, actor, ids, until) };
}

/** By the database's clock, which ends the pause (RELIABILITY.md 2.5). */
async function isAhead(tx: OrgTx, until: Date): Promise<boolean> {
	const now = await readClock(tx);
	return until.getTime() > now && until.getTime() <= now + longestPauseMs;
}

/** One set in the caller's transaction: cadence locks in id order, then rows (RELIABILITY.md 2.2). */
export async function pauseChunk(
	tx: OrgTx,
	actor: Actor,
	ids: readonly string[],
	until: Date | null
): Promise<number> {
	const cadenceIds = await cadencesOf(tx, actor.orgId, ids);
	await lockShared(tx, cadenceIds);
	const list = sql`${sql.param([...ids])}::uuid[]`;
	const some = sql`e.id = any(${list})`;
	const paused = await changeRuns(tx, actor.orgId, some, { kind: 'pause', cause: 'person' }, actor.userId);
	await tx.execute(sql`
		update enrollments e set paused_until = ${until?.toISOString() ?? null}::timestamptz
		where e.org_id = ${actor.orgId}::uuid and ${some} and e.pause_causes ? 'person'`);
	await holdMessages(tx, actor.orgId, sql`m.enrollment_id = any(${list})`, 'paused');
	await writeAudit(
		tx,
		actor,
		cadenceIds.map((cadenceId) => ({
			action: 'cadence.pauseRuns',
			objectType: 'cadence',
			objectId: cadenceId,
			after: { paused, until }
		}))
	);
	return paused;
}
