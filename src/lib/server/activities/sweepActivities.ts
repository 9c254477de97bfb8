import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';
import { recordResponses } from '../engine/recordResponses.ts';

/**
 * GRA-6: what was not done in time is `overdue`, once per due date; a call is missed an hour after its start, so that
 * one who is on the phone is not. Set-based, over all organizations.
 */
export function recordOverdue(db: Executor): Promise<number> {
	return db.transaction((tx) => overdueIn(tx));
}

async function overdueIn(tx: Executor): Promise<number> {
	const rows = await tx.execute<{
		org_id: string;
		enrollment_id: string | null;
		run_no: number | null;
		action_id: string | null;
	}>(sql`
		with x as (select org_id, id from activities
			where due_at < app.now() and (kind = 'task' or due_at < app.now() - interval '1 hour') and overdue_at is null and completed_at is null and cancelled_at is null and deleted_at is null
			order by due_at limit 5000 for update skip locked)
		update activities a set overdue_at = app.now() from x where a.org_id = x.org_id and a.id = x.id
		returning a.org_id, case when not a.review then a.enrollment_id end as enrollment_id, a.run_no, a.action_id`);
	await recordResponses(
		tx,
		rows.flatMap((row) =>
			row.enrollment_id && row.run_no !== null && row.action_id
				? [
						{
							orgId: row.org_id,
							enrollmentId: row.enrollment_id,
							runNo: row.run_no,
							actionId: row.action_id,
							kind: 'overdue' as const
						}
					]
				: []
		)
	);
	return rows.length;
}

/**
 * CRM-9: due calls, and tasks with a reminder, become one line for the bell each. `orgId` narrows it to the organization
 * of the transaction. The live pop-up reads the same mark. Of a record in the recycle bin nobody is reminded.
 */
export async function remindDue(tx: Executor, orgId: string | null = null): Promise<number> {
	const rows = await tx.execute<{ id: string }>(sql`
		with x as (select org_id, id from activities
			where coalesce(snoozed_until, remind_at, due_at) <= app.now() and reminded_at is null
				and completed_at is null and cancelled_at is null and deleted_at is null
				and (kind = 'call' or remind_at is not null or snoozed_until is not null)
				and (${orgId}::uuid is null or org_id = ${orgId}::uuid)
			order by org_id, id limit 5000 for update skip locked),
		marked as (update activities a set reminded_at = app.now() from x where a.org_id = x.org_id and a.id = x.id
			returning a.org_id, a.id, a.kind, a.owner_id, a.record_id, a.subject, a.due_at, a.snoozed_until)
		insert into notifications (org_id, id, user_id, kind, title, body, link, dedupe_key, created_at)
		select a.org_id, app.new_id(), a.owner_id, a.kind || '_due', left(case a.kind when 'call' then 'Call ' else 'Task for ' end || r.name, 200),
			left(a.subject, 500), '/' || m.key || '/' || r.id,
			'due/' || a.id || '/' || extract(epoch from coalesce(a.snoozed_until, a.due_at))::bigint, app.now()
		from marked a
		join records r on r.org_id = a.org_id and r.id = a.record_id and r.deleted_at is null
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		on conflict (org_id, user_id, dedupe_key) where dedupe_key is not null do nothing
		returning id`);
	return rows.length;
}
