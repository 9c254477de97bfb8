import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { canInModule, visibleOwner } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';

/** What a record became. `how`: a lead's contact, account and deal, or the record it was merged into. */
export type Successor = {
	how: 'converted' | 'merged';
	id: string;
	name: string;
	moduleKey: string;
	kind: string;
};

/** CRM-5: where a converted or merged record goes on, as far as the actor may look there. Empty for any other. */
export async function listSuccessors(tx: OrgTx, actor: Actor, recordId: string): Promise<Successor[]> {
	const owner = visibleOwner(actor);
	const rows = await tx.execute<Successor>(sql`
		select s.how, r.id, r.name, m.key as "moduleKey", m.singular as kind
		from (
			select 'merged' as how, l.merged_into_id as id from records l
			where l.org_id = ${actor.orgId}::uuid and l.id = ${recordId}::uuid
			union all
			select 'converted', v.id::uuid from audit_entries a
			cross join lateral (values (a.after ->> 'contactId'), (a.after ->> 'accountId'), (a.after ->> 'dealId')) as v(id)
			where a.org_id = ${actor.orgId}::uuid and a.object_id = ${recordId}::uuid and a.action = 'record.convert'
		) s
		join records r on r.org_id = ${actor.orgId}::uuid and r.id = s.id
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		where (${owner}::uuid is null or r.owner_id = ${owner}::uuid)
		order by array_position(array['contacts', 'accounts', 'deals'], m.key)`);
	return rows.filter(({ moduleKey }) => canInModule(actor, moduleKey, 'view'));
}
