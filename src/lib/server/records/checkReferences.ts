import { sql } from 'drizzle-orm';
import type { RecordProblem, CheckedRecord } from '#lib/domain/crm/checkRecord.ts';
import { findField, type FieldDefinition, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { OrgTx } from '../db/client.ts';

/**
 * CRM-3: the users and records that the rows point to exist in this organization, and looked-up records are in the
 * module the field names. Two statements for any number of rows.
 * @returns problems by index of the row
 */
export async function checkReferences(
	tx: OrgTx,
	module: ModuleDefinition,
	rows: readonly Pick<CheckedRecord, 'data' | 'system'>[]
): Promise<Map<number, RecordProblem[]>> {
	const people = module.fields.filter((field) => field.type === 'user');
	const lookups = module.fields.filter((field) => field.type === 'lookup');
	const wanted = (fields: FieldDefinition[]) =>
		rows.flatMap((row) => fields.map((field) => row.data[field.key])).filter((id) => typeof id === 'string');
	const owners = rows.map((row) => row.system.owner).filter((id) => id !== undefined);
	const users = await idsOf([...wanted(people), ...owners], (ids) =>
		tx.execute(
			sql`select id, '' as module from users where org_id = app.org_id() and id = any(${ids}::uuid[])`
		)
	);
	const targets = await idsOf(wanted(lookups), (ids) =>
		tx.execute(sql`
			select r.id, m.key as module from records r
			join modules m on m.org_id = r.org_id and m.id = r.module_id
			where r.org_id = app.org_id() and r.deleted_at is null and r.id = any(${ids}::uuid[])`)
	);
	const problems = new Map<number, RecordProblem[]>();
	const note = (index: number, field: FieldDefinition, message: string) =>
		problems.set(index, [...(problems.get(index) ?? []), { field: field.key, label: field.label, message }]);
	rows.forEach((row, index) => {
		const owner = findField(module, 'owner');
		if (owner && row.system.owner && !users.has(row.system.owner))
			note(index, owner, 'Owner is no user here.');
		for (const field of people) {
			const id = row.data[field.key];
			if (typeof id === 'string' && !users.has(id)) note(index, field, `${field.label} is no user here.`);
		}
		for (const field of lookups) {
			const id = row.data[field.key];
			if (typeof id === 'string' && targets.get(id) !== field.lookupModuleKey)
				note(index, field, `${field.label} names a record that does not exist or was deleted.`);
		}
	});
	return problems;
}

async function idsOf(
	ids: readonly string[],
	read: (param: ReturnType<typeof sql.param>) => Promise<Iterable<Record<string, unknown>>>
): Promise<Map<string, string>> {
	if (!ids.length) return new Map();
	const rows = await read(sql.param([...new Set(ids)]));
	return new Map([...rows].map((row) => [String(row.id), String(row.module)]));
}
