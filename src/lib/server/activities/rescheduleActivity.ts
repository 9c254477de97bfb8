import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { lockActivity } from './lockActivity.ts';

/** Moves due or start; the reminder keeps its distance and comes again. What was recorded as overdue stays recorded. */
export async function rescheduleActivity(
	tx: OrgTx,
	actor: Actor,
	input: { activityId: string; dueAt: Date }
): Promise<void> {
	const activity = await lockActivity(tx, actor, input.activityId);
	if (activity.completed) throw new DomainError('conflict', 'This activity is completed already.');
	if (Number.isNaN(input.dueAt.getTime()))
		throw new DomainError('invalid', 'Choose a date and time.', '/dueAt');
	const dueAt = input.dueAt.toISOString();
	await tx.execute(sql`
		update activities set remind_at = remind_at + (${dueAt}::timestamptz - due_at), due_at = ${dueAt}::timestamptz,
			reminded_at = null, snoozed_until = null, overdue_at = null
		where org_id = ${actor.orgId} and id = ${activity.id}`);
	await writeAudit(tx, actor, {
		action: 'activity.reschedule',
		objectType: 'activity',
		objectId: activity.id,
		before: { dueAt: activity.due_at },
		after: { dueAt }
	});
}
