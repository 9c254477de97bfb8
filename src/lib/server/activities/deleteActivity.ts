import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { recordResponses } from '../engine/recordResponses.ts';
import { lockActivity, madeBy, runOf } from './lockActivity.ts';
import { withdrawReviewed } from './reviewedMessage.ts';

/**
 * A person deletes a task or call. The row stays, marked: a run that lost an activity this way can only be restarted
 * (REE-3), and one whose current action it was fails (EXE-4).
 */
export async function deleteActivity(tx: OrgTx, actor: Actor, input: { activityId: string }): Promise<void> {
	const activity = await lockActivity(tx, actor, input.activityId);
	await tx.execute(sql`
		update activities set deleted_at = app.now() where org_id = ${actor.orgId} and id = ${activity.id}`);
	// A review that is done has no say any more: its e-mail is on its way.
	const holds = activity.review && (await withdrawReviewed(tx, actor.orgId, activity.id));
	const run = holds ? madeBy(actor.orgId, activity) : runOf(actor.orgId, activity);
	if (run)
		await recordResponses(tx, [
			{
				...run,
				kind: 'failed',
				actorId: actor.userId,
				detail: { reason: 'activity_deleted', text: `${actor.name} deleted the ${activity.kind}.` }
			}
		]);
	await writeAudit(tx, actor, {
		action: 'activity.delete',
		objectType: 'activity',
		objectId: activity.id,
		before: { kind: activity.kind, status: activity.status }
	});
}
