import { sql, type SQL } from 'drizzle-orm';

/**
 * CRM-5: a record and those that were merged into it, as a query of ids. The log of runs is never rewritten: what the
 * losing ones went through is found by way of the audit entry of the one that stayed.
 */
export const mergedInto = (id: string): SQL => sql`
	select ${id}::uuid as id
	union all
	select k.id::uuid from audit_entries a cross join lateral jsonb_array_elements_text(a.after -> 'merged') as k(id)
	where a.org_id = app.org_id() and a.object_id = ${id}::uuid and a.action = 'record.merge'`;
