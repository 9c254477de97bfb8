import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockShared } from '../engine/activeCadences.ts';
import { changeRuns } from './changeRuns.ts';
import { holdMessages } from './holdMessages.ts';
import { visibleRuns } from './visibleRuns.ts';

export const pauseSchema = z.object({
	enrollmentIds: z.array(z.uuid()).min(1).max(10_000),
	/** ENR-8: goes on by itself then; null: until somebody resumes it. */
	until: z.coerce.date().nullable().default(null)
});

/** ENR-8, ENR-9: a person's pause of runs, until a date if one is given. Permission MANAGE or ENROLL. */
export async function pauseEnrollments(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof pauseSchema>
): Promise<{ paused: number }> {
	requirePermission(actor, 'cadences.enroll');
	const { enrollmentIds, until } = pauseSchema.parse(input);
	const { ids, cadenceIds } = await visibleRuns(tx, actor, enrollmentIds);
	await lockShared(tx, cadenceIds);
	const some = sql`e.id = any(${sql.param(ids)}::uuid[])`;
	const paused = await changeRuns(tx, actor.orgId, some, { kind: 'pause', cause: 'person' }, actor.userId);
	await tx.execute(sql`
		update enrollments e set paused_until = ${until?.toISOString() ?? null}::timestamptz
		where e.org_id = ${actor.orgId}::uuid and ${some} and e.pause_causes ? 'person'`);
	await holdMessages(tx, actor.orgId, sql`m.enrollment_id = any(${sql.param(ids)}::uuid[])`, 'paused');
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
	return { paused };
}
