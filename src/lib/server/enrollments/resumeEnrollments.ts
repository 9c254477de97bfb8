import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockShared } from '../engine/activeCadences.ts';
import { enqueue } from '../jobs.ts';
import { changeRuns } from './changeRuns.ts';
import { freeMessages } from './holdMessages.ts';
import { visibleRuns } from './visibleRuns.ts';

export const resumeSchema = z.object({ enrollmentIds: z.array(z.uuid()).min(1).max(10_000) });

/**
 * ENR-9: ends a person's pause; timers go on with their remaining delay. Permission MANAGE or ENROLL.
 * @throws invalid when none of them is paused by a person (stopped runs can only be restarted yet)
 */
export async function resumeEnrollments(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof resumeSchema>
): Promise<{ resumed: number }> {
	requirePermission(actor, 'cadences.enroll');
	const { enrollmentIds } = resumeSchema.parse(input);
	const { ids, cadenceIds } = await visibleRuns(tx, actor, enrollmentIds);
	await lockShared(tx, cadenceIds);
	const resumed = await resumePaused(tx, actor.orgId, ids, actor.userId);
	if (!resumed)
		throw new DomainError(
			'invalid',
			'None of these records is paused by a person. A stopped record cannot go on where it stopped yet: restart it instead.',
			'/enrollmentIds'
		);
	await writeAudit(
		tx,
		actor,
		cadenceIds.map((cadenceId) => ({
			action: 'cadence.resumeRuns',
			objectType: 'cadence',
			objectId: cadenceId,
			after: { resumed }
		}))
	);
	return { resumed };
}

/** ENR-8: also what the sweep does when a pause has reached its date. */
export async function resumePaused(
	tx: OrgTx,
	orgId: string,
	ids: readonly string[],
	actorId: string | null
): Promise<number> {
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
