import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { getRecord } from './getRecord.ts';

const row = z.object({
	id: z.string(),
	kind: z.enum(['task', 'call']),
	subject: z.string(),
	status: z.string(),
	result: z.string().nullable(),
	note: z.string(),
	priority: z.string(),
	ownerName: z.string().nullable(),
	dueAt: z.coerce.date().nullable(),
	completedAt: z.coerce.date().nullable(),
	cancelledAt: z.coerce.date().nullable(),
	cadenceName: z.string().nullable(),
	open: z.boolean(),
	/** GRA-8: it holds an e-mail that can be looked at. */
	review: z.boolean()
});
export type RecordActivity = z.infer<typeof row>;

/** CRM-8: tasks and calls of a record: open ones by due time, then closed ones, newest first; 100 of each at most. */
export async function listRecordActivities(
	tx: OrgTx,
	actor: Actor,
	recordId: string
): Promise<RecordActivity[]> {
	const { record } = await getRecord(tx, actor, recordId);
	const rows = await tx.execute(sql`
		with found as (
			select a.*, a.completed_at is null and a.cancelled_at is null as open
			from activities a
			where a.org_id = app.org_id() and a.record_id = ${record.id}::uuid and a.deleted_at is null)
		select f.id, f.kind, f.subject, f.status, f.result, f.note, f.priority, u.name as "ownerName",
			f.due_at as "dueAt", f.completed_at as "completedAt", f.cancelled_at as "cancelledAt",
			c.name as "cadenceName", f.open, f.review
		from ((select * from found where open order by due_at nulls last, id limit 100)
			union all
			(select * from found where not open order by coalesce(completed_at, cancelled_at) desc, id limit 100)) f
		left join users u on u.org_id = f.org_id and u.id = f.owner_id
		left join enrollments e on e.org_id = f.org_id and e.id = f.enrollment_id
		left join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
		order by f.open desc, case when f.open then f.due_at end nulls last,
			coalesce(f.completed_at, f.cancelled_at) desc nulls last, f.id`);
	return z.array(row).parse([...rows]);
}
