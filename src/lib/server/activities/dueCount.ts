import { sql, type SQL } from 'drizzle-orm';

/**
 * CRM-9: how much work is due for the user of the alias `u`; what stands on records in the recycle bin is not counted.
 * Each record is looked up by its key: a join may be planned as a walk through all of them.
 */
export const dueCount = (orgId: string): SQL => sql`
	(select count(*)::int from activities a
		where a.org_id = ${orgId}::uuid and a.owner_id = u.id and a.due_at < app.now() + interval '1 minute'
			and a.completed_at is null and a.cancelled_at is null and a.deleted_at is null
			and (select r.deleted_at is null from records r where r.org_id = a.org_id and r.id = a.record_id))`;
