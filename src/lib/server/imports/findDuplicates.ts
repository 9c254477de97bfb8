import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { r, recordColumns, type RecordRow } from '../records/recordRow.ts';
import type { ImportContext, ReadRow } from './readRows.ts';

/** What makes two rows the same one; null when the row has no value. */
export function duplicateKey(context: ImportContext, row: Pick<ReadRow, 'data'>): string | null {
	const field = context.mapping.duplicates?.field;
	const value = field === undefined ? null : (row.data[field] ?? null);
	return value === null ? null : String(value).trim().toLowerCase();
}

/**
 * CRM-4: records of the module that hold a value of the rows already, oldest first when several do; locked, so that an
 * update cannot be lost.
 */
export async function findDuplicates(
	tx: OrgTx,
	context: ImportContext,
	rows: readonly ReadRow[]
): Promise<Map<string, RecordRow>> {
	const field = context.mapping.duplicates?.field;
	const keys = [...new Set(rows.map((row) => duplicateKey(context, row)).filter((key) => key !== null))];
	if (field === undefined || !keys.length) return new Map();
	const inModule = sql`r.org_id = app.org_id() and r.module_id = ${context.module.id}::uuid and r.deleted_at is null`;
	const value = field === 'email' ? sql`lower(r.data ->> 'email')` : sql`lower(r.data ->> ${field}::text)`;
	// E-mail has an index, written out so that it serves. Statistics of an expression are not used under row level
	// security, so the planner expects half a percent of the module per address and would read all of it: with a million
	// records that took 3 s per thousand rows. One look-up per address takes 20 ms.
	const among =
		field === 'email'
			? sql`r.org_id = app.org_id() and r.id = any(array(
				select hit.id from unnest(${sql.param(keys)}::text[]) as wanted
				cross join lateral (select r.id from records r where ${inModule} and ${value} = wanted offset 0) hit))`
			: sql`${inModule} and ${value} = any(${sql.param(keys)}::text[])`;
	const found = await tx
		.select({ ...recordColumns, key: sql<string>`${value}` })
		.from(r)
		.where(among)
		.orderBy(r.createdAt, r.id)
		.for('no key update');
	const records = new Map<string, RecordRow>();
	for (const { key, ...record } of found) if (!records.has(key)) records.set(key, record);
	return records;
}
