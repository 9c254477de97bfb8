import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { endRuns } from '../enrollments/endRuns.ts';

/**
 * UNE-7: ends the live runs of records that are gone. A pass that is under way in another transaction either sees them
 * ended or finishes first; the change in record_changes makes the engine look once more.
 */
export async function onRecordsEnded(
	tx: OrgTx,
	actor: Actor,
	recordIds: readonly string[],
	reason: 'record_deleted' | 'converted' | 'merged'
): Promise<void> {
	const live = await tx.execute<{ id: string }>(sql`
		select id from enrollments
		where org_id = ${actor.orgId}::uuid and record_id = any(${sql.param([...recordIds])}::uuid[])
			and status in ('active', 'paused')`);
	await endRuns(
		tx,
		live.map(({ id }) => ({ orgId: actor.orgId, enrollmentId: id, reason })),
		actor.userId
	);
}
