import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { OrgTx } from '../db/client.ts';
import { visibleRecords } from './recordFilter.ts';
import type { RecordRow } from './recordRow.ts';

export type Duplicate = { id: string; name: string; createdAt: Date };

const most = 5;
/** A text that so many records contain tells nobody apart. */
const mostHits = 50;

/**
 * CRM-5: other records of the module with the same e-mail address or phone number, as far as the actor may see them, oldest
 * first. One look into the search index per address.
 */
export async function listDuplicates(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	record: RecordRow
): Promise<Duplicate[]> {
	const keys = module.fields.filter(({ type }) => type === 'email' || type === 'phone').map(({ key }) => key);
	const values = keys
		.flatMap((key) => (typeof record.data[key] === 'string' ? [record.data[key].trim().toLowerCase()] : []))
		.filter((value) => value.length >= 5);
	if (!values.length) return [];
	const patterns = [...new Set(values)].map((value) => `%${value.replace(/[\\%_]/g, '\\$&')}%`);
	const rows = await tx.execute<{ id: string; name: string; created_at: string }>(sql`
		select r.id, r.name, r.created_at
		from (select distinct s.id from unnest(${sql.param(patterns)}::text[]) as p(pattern)
			cross join lateral app.search_records(${module.id}::uuid, p.pattern, ${mostHits}) as s(id)) f
		join records r on r.id = f.id
		where ${visibleRecords(actor, module)} and r.id <> ${record.id}::uuid
			and exists (select 1 from unnest(${sql.param(keys)}::text[]) as k(key)
				where lower(btrim(r.data ->> k.key)) = any(${sql.param(values)}::text[]))
		order by r.created_at, r.id limit ${most}`);
	return rows.map(({ id, name, created_at }) => ({ id, name, createdAt: new Date(created_at) }));
}
