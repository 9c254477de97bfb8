import { sql } from 'drizzle-orm';
import type { CheckedRecord, RecordProblem } from '#lib/domain/crm/checkRecord.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { OrgTx } from '../db/client.ts';

/**
 * CRM-3: values of unique fields are held by no other living record, nor twice by the rows. Writers of a module with
 * unique fields take turns, so that two of them cannot both find a value free.
 * @param rows `id` names the record that a row will replace
 * @returns problems by index of the row
 */
export async function checkUnique(
	tx: OrgTx,
	module: ModuleDefinition,
	rows: readonly (Pick<CheckedRecord, 'data'> & { id?: string })[]
): Promise<Map<number, RecordProblem[]>> {
	const problems = new Map<number, RecordProblem[]>();
	for (const field of module.fields.filter((candidate) => candidate.unique)) {
		const values = rows.map(({ data }) => {
			const value = data[field.key] ?? null;
			return value === null ? null : String(value).toLowerCase();
		});
		const wanted = [...new Set(values.filter((value) => value !== null))];
		if (!wanted.length) continue;
		await tx.execute(
			sql`select pg_advisory_xact_lock(hashtextextended(${`unique:${module.id}:${field.key}`}::text, 0))`
		);
		const found = await tx.execute<{ id: string; value: string }>(sql`
			select r.id, lower(r.data ->> ${field.key}::text) as value from records r
			where r.org_id = app.org_id() and r.module_id = ${module.id}::uuid and r.deleted_at is null
				and lower(r.data ->> ${field.key}::text) = any(${sql.param(wanted)}::text[])`);
		const holders = new Map<string, string | undefined>([...found].map(({ id, value }) => [value, id]));
		values.forEach((value, index) => {
			if (value === null) return;
			const isTaken = holders.has(value) && holders.get(value) !== rows[index]?.id;
			if (!isTaken) holders.set(value, rows[index]?.id);
			else
				problems.set(index, [
					...(problems.get(index) ?? []),
					{
						field: field.key,
						label: field.label,
						message: `${field.label} must be unique, and another ${module.singular.toLowerCase()} has "${value}".`
					}
				]);
		});
	}
	return problems;
}
