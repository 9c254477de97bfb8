import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';

/** CRM-9: the cadences that the actor's open work comes from, to narrow the queue to one of them. */
export async function listWorkCadences(tx: OrgTx, actor: Actor): Promise<{ id: string; name: string }[]> {
	const rows = await tx.execute<{ id: string; name: string }>(sql`
		select c.id, c.name from cadences c
		where c.org_id = ${actor.orgId}::uuid and c.id in (
			select e.cadence_id from activities a
			join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id
			where a.org_id = ${actor.orgId}::uuid and a.owner_id = ${actor.userId}::uuid
				and a.completed_at is null and a.cancelled_at is null and a.deleted_at is null)
		order by lower(c.name), c.id limit 100`);
	return [...rows];
}
