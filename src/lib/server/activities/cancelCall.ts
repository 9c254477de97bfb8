import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { recordResponses } from '../engine/recordResponses.ts';
import { cancelledStatus } from './activityStatus.ts';
import { lockActivity, runOf } from './lockActivity.ts';

/** GRA-6: a person calls a call off; its `cancelled` branch may run (the system's cancellation fires nothing, UNE-4). */
export async function cancelCall(
	tx: OrgTx,
	actor: Actor,
	input: { activityId: string; note?: string }
): Promise<void> {
	const activity = await lockActivity(tx, actor, input.activityId);
	if (activity.kind !== 'call')
		throw new DomainError('invalid', 'A task is completed or deleted, not cancelled.');
	if (activity.completed) throw new DomainError('conflict', 'This call was logged already.');
	await tx.execute(sql`
		update activities set status = ${cancelledStatus}, cancelled_at = app.now(), cancelled_by = 'user',
			note = ${(input.note ?? activity.note).slice(0, 5000)}
		where org_id = ${actor.orgId} and id = ${activity.id}`);
	const run = runOf(actor.orgId, activity);
	if (run) await recordResponses(tx, [{ ...run, kind: 'cancelled', actorId: actor.userId }]);
	await writeAudit(tx, actor, { action: 'activity.cancel', objectType: 'activity', objectId: activity.id });
}
