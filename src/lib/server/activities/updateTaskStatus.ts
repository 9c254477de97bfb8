import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { recordResponses } from '../engine/recordResponses.ts';
import { isTaskStatus } from './activityStatus.ts';
import { lockActivity, runOf } from './lockActivity.ts';
import { releaseReviewed } from './reviewedMessage.ts';

/** GRA-6: a new status is a response; setting the one it already has is none. */
export async function updateTaskStatus(
	tx: OrgTx,
	actor: Actor,
	input: { activityId: string; status: string; note?: string }
): Promise<void> {
	const activity = await lockActivity(tx, actor, input.activityId);
	if (activity.kind !== 'task')
		throw new DomainError('invalid', 'This is a call: log its result instead of a status.', '/status');
	if (!isTaskStatus(input.status))
		throw new DomainError('invalid', 'Choose one of the listed statuses.', '/status');
	if (input.status === activity.status && input.note === undefined) return;
	await tx.execute(sql`
		update activities set status = ${input.status}, note = ${(input.note ?? activity.note).slice(0, 5000)},
			completed_at = case when ${input.status} = 'Completed' then coalesce(completed_at, app.now()) end
		where org_id = ${actor.orgId} and id = ${activity.id}`);
	if (activity.review && input.status === 'Completed') await releaseReviewed(tx, actor.orgId, activity.id);
	const run = runOf(actor.orgId, activity);
	if (run && input.status !== activity.status)
		await recordResponses(tx, [{ ...run, kind: 'status', parameter: input.status, actorId: actor.userId }]);
	await writeAudit(tx, actor, {
		action: 'activity.status',
		objectType: 'activity',
		objectId: activity.id,
		before: { status: activity.status },
		after: { status: input.status }
	});
}
