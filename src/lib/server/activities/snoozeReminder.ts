import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { lockActivity } from './lockActivity.ts';

/** CRM-9: the reminder comes again in 1 to 1,440 minutes; due or start stay as they are. */
export async function snoozeReminder(
	tx: OrgTx,
	actor: Actor,
	input: { activityId: string; minutes: number }
): Promise<void> {
	if (!Number.isInteger(input.minutes) || input.minutes < 1 || input.minutes > 1440)
		throw new DomainError('invalid', 'Snooze for 1 to 1,440 minutes.', '/minutes');
	const activity = await lockActivity(tx, actor, input.activityId);
	if (activity.completed) throw new DomainError('conflict', 'This activity is completed already.');
	await tx.execute(sql`
		update activities set snoozed_until = app.now() + make_interval(mins => ${input.minutes}), reminded_at = null
		where org_id = ${actor.orgId} and id = ${activity.id}`);
}
