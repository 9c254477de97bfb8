import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { canInModule, visibleOwner } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';

export type LockedActivity = {
	id: string;
	kind: 'task' | 'call';
	status: string;
	result: string | null;
	note: string;
	owner_id: string;
	record_id: string;
	due_at: string | null;
	remind_at: string | null;
	completed: boolean;
	cancelled: boolean;
	enrollment_id: string | null;
	run_no: number | null;
	action_id: string | null;
	/** GRA-8: lets a held e-mail go. */
	review: boolean;
	module_key: string;
};

const noSuchActivity = () =>
	new DomainError('not_found', 'There is no such activity, or it belongs to somebody else.');

/**
 * Reads an activity for a change and locks it. Its owner may always work on it; others need the permission to edit
 * records of the module and must see the record (PER-3).
 * @throws not_found, forbidden, or conflict when the system has withdrawn it (UNE-4: read-only)
 */
export async function lockActivity(tx: OrgTx, actor: Actor, activityId: string): Promise<LockedActivity> {
	if (!isId(activityId)) throw noSuchActivity();
	const [row] = await tx.execute<LockedActivity & { record_owner: string }>(sql`
		select a.id, a.kind, a.status, a.result, a.note, a.owner_id, a.record_id, a.due_at::text, a.remind_at::text,
			a.completed_at is not null as completed, a.cancelled_at is not null as cancelled, a.enrollment_id, a.run_no,
			a.action_id, a.review, m.key as module_key, r.owner_id as record_owner
		from activities a
		join records r on r.org_id = a.org_id and r.id = a.record_id
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		where a.org_id = ${actor.orgId} and a.id = ${activityId} and a.deleted_at is null for update of a`);
	if (!row) throw noSuchActivity();
	if (row.owner_id !== actor.userId) {
		const owner = visibleOwner(actor);
		if (!canInModule(actor, row.module_key, 'view') || (owner && row.record_owner !== owner))
			throw noSuchActivity();
		if (!canInModule(actor, row.module_key, 'edit'))
			throw new DomainError(
				'forbidden',
				`This activity belongs to somebody else, and your profile may not edit ${row.module_key}.`
			);
	}
	if (row.cancelled)
		throw new DomainError('conflict', 'This activity was cancelled and can no longer be changed.');
	return row;
}

/** The run that an activity answers to; null for one made by hand, and for the review of an e-mail. */
export const runOf = (orgId: string, activity: LockedActivity) =>
	activity.review ? null : madeBy(orgId, activity);

/** The run that made an activity; null for one made by hand. */
export const madeBy = (orgId: string, activity: LockedActivity) =>
	activity.enrollment_id && activity.run_no !== null && activity.action_id
		? {
				orgId,
				enrollmentId: activity.enrollment_id,
				runNo: activity.run_no,
				actionId: activity.action_id
			}
		: null;
