import { and, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { cadences } from '../db/schema/cadences.ts';
import { enrollments } from '../db/schema/engine.ts';
import { endRuns } from '../enrollments/endRuns.ts';
import { enqueue } from '../jobs.ts';
import { lockCadence } from './lockCadence.ts';

export const deleteSchema = z.object({ cadenceId: z.uuid() });

/**
 * CAD-6: only when not active. Ends the runs that are left (`cadence_deleted`); history and reports stay. The name and
 * the slot are free again (LIM-1); it cannot be restored. PER-2: needs no UNENROLL.
 * @throws forbidden, not_found, in_use (it is active)
 */
export async function deleteCadence(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof deleteSchema>
): Promise<{ unenrolled: number }> {
	requirePermission(actor, 'cadences.manage');
	const { cadenceId } = deleteSchema.parse(input);
	const cadence = await lockCadence(tx, actor, cadenceId);
	if (cadence.state === 'active')
		throw new DomainError('in_use', `"${cadence.name}" is active. Deactivate it before you delete it.`);
	const unenrolled = await endLiveRuns(tx, actor, cadenceId);
	await tx
		.update(cadences)
		.set({ deletedAt: sql`app.now()`, state: 'inactive' })
		.where(and(eq(cadences.orgId, actor.orgId), eq(cadences.id, cadenceId)));
	await writeAudit(tx, actor, {
		action: 'cadence.delete',
		objectType: 'cadence',
		objectId: cadenceId,
		before: { name: cadence.name, state: cadence.state },
		after: { unenrolled }
	});
	return { unenrolled };
}

/** So many are ended at once; more in the background, in chunks, so that nobody waits for 100,000. */
const atOnce = 5_000;

async function endLiveRuns(tx: OrgTx, actor: Actor, cadenceId: string): Promise<number> {
	const live = and(
		eq(enrollments.orgId, actor.orgId),
		eq(enrollments.cadenceId, cadenceId),
		inArray(enrollments.status, ['active', 'paused'])
	);
	const rows = await tx
		.select({ id: enrollments.id })
		.from(enrollments)
		.where(live)
		.orderBy(enrollments.id)
		.limit(atOnce);
	const reason = 'cadence_deleted' as const;
	const endings = rows.map(({ id }) => ({ orgId: actor.orgId, enrollmentId: id, reason }));
	const ended = (await endRuns(tx, endings, actor.userId)).length;
	if (rows.length < atOnce) return ended;
	const left = await tx.$count(enrollments, live);
	const scan = { orgId: actor.orgId, cadenceId, actorId: actor.userId };
	if (left) await enqueue(tx, 'scanCadence', scan, { key: `scan:${cadenceId}` });
	return ended + left;
}
