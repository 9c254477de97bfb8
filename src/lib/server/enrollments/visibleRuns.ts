import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { canInModule, visibleOwner } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';

/** PER-3: which of these enrollments the actor may touch, and the cadences to lock before their rows. */
export async function visibleRuns(
	tx: OrgTx,
	actor: Actor,
	enrollmentIds: readonly string[]
): Promise<{ ids: string[]; cadenceIds: string[] }> {
	const owner = visibleOwner(actor);
	const found = await tx.execute<{ id: string; cadence_id: string; module_key: string }>(sql`
		select e.id, e.cadence_id, m.key as module_key from enrollments e
		join records r on r.org_id = e.org_id and r.id = e.record_id
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		where e.org_id = ${actor.orgId}::uuid and e.id = any(${sql.param([...enrollmentIds])}::uuid[])
			and (${owner}::uuid is null or r.owner_id = ${owner}::uuid) order by e.id`);
	const rows = found.filter((row) => canInModule(actor, row.module_key, 'view'));
	return {
		ids: rows.map((row) => row.id),
		cadenceIds: [...new Set(rows.map((row) => row.cadence_id))]
	};
}
