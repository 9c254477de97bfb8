import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { visibleOwner } from '#lib/domain/access/permissions.ts';
import { checkRecord, withoutBlanks, type CheckedRecord } from '#lib/domain/crm/checkRecord.ts';
import type { FieldDefinition, ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { replacedBy, type ImportMapping } from '#lib/domain/crm/importMapping.ts';
import type { OrgTx } from '../db/client.ts';
import type { MappedColumn } from './mappedFields.ts';

export type ImportContext = {
	actor: Actor;
	/** With the fields and picklist values that the import adds. */
	module: ModuleDefinition;
	mapped: readonly MappedColumn[];
	mapping: ImportMapping;
	/** Zone of date-times without one. */
	timeZone: string;
};
/** A row of the file; `row` 1 is the first below the header. */
export type FileRow = { row: number; cells: readonly string[] };
export type RowIssue = { column: string; message: string; severity: 'error' | 'warning' };
export type ReadRow = FileRow & Pick<CheckedRecord, 'data' | 'system'> & { issues: RowIssue[] };

/**
 * CRM-4: reads rows as the mapping says: replacements, types, picklists, and names of users and looked-up records
 * (one statement per lookup field for all rows). Blank cells set nothing.
 */
export async function readRows(
	tx: OrgTx,
	context: ImportContext,
	rows: readonly FileRow[]
): Promise<ReadRow[]> {
	const { mapped, module, mapping } = context;
	const texts = rows.map(({ cells }) =>
		mapped.map(({ column, replace }) => {
			const typed = unguarded(cells[column.index] ?? '');
			return (replacedBy(replace, typed) ?? typed).trim();
		})
	);
	const resolvers = await Promise.all(
		mapped.map(({ field }, index) =>
			resolverOf(
				tx,
				context,
				field,
				texts.map((cells) => cells[index]!)
			)
		)
	);
	return rows.map((row, place) => {
		const values: Record<string, unknown> = {};
		const issues: RowIssue[] = [];
		mapped.forEach(({ field, column }, index) => {
			const text = texts[place]![index]!;
			if (text === '') return;
			const resolved = resolvers[index]?.(text) ?? { value: text };
			if (resolved.problem)
				issues.push({ column: column.header, message: resolved.problem, severity: 'error' });
			else values[field.key] = resolved.value;
		});
		const checked = checkRecord(module, values, {
			timeZone: context.timeZone,
			dateOrder: mapping.dateOrder ?? undefined,
			keepAddresses: !mapping.strictAddresses,
			partial: mapping.duplicates?.action === 'update'
		});
		const headerOf = (key: string) => mapped.find(({ field }) => field.key === key)?.column.header ?? '';
		for (const { field, message } of checked.problems)
			if (!issues.some((issue) => issue.column === headerOf(field)))
				issues.push({ column: headerOf(field), message, severity: 'error' });
		for (const { field, message } of checked.warnings)
			issues.push({ column: headerOf(field), message, severity: 'warning' });
		return { ...row, data: withoutBlanks(checked.data), system: checked.system, issues };
	});
}

/** Our own export puts an apostrophe before what a spreadsheet would take for a formula. */
const unguarded = (cell: string) => (/^'[=+\-@]/.test(cell) ? cell.slice(1) : cell);

type Resolver = (text: string) => { value?: string; problem?: string };

/** How texts of a column become ids; null for fields that take the text itself. */
async function resolverOf(
	tx: OrgTx,
	context: ImportContext,
	field: FieldDefinition,
	texts: readonly string[]
): Promise<Resolver | null> {
	if (field.type !== 'user' && field.type !== 'lookup') return null;
	const wanted = [...new Set(texts.filter((text) => text !== ''))];
	if (!wanted.length) return null;
	const found =
		field.type === 'user' ? await findUsers(tx, wanted) : await findTargets(tx, context.actor, field, wanted);
	const ids = new Map<string, string[]>();
	for (const { text, id } of found) ids.set(text, [...(ids.get(text) ?? []), id]);
	const noun = field.type === 'user' ? 'user' : 'record';
	return (text) => {
		const matches = ids.get(text) ?? [];
		if (matches.length === 1) return { value: matches[0]! };
		return {
			problem: matches.length
				? `${field.label}: several ${noun}s are called "${text}". Make the name unique, or replace it by an id.`
				: `${field.label}: there is no ${noun} "${text}". Create it first, or replace the value.`
		};
	};
}

type Found = { text: string; id: string };

const findUsers = async (tx: OrgTx, texts: string[]): Promise<Found[]> => [
	...(await tx.execute<Found>(sql`
		select distinct v as text, u.id from unnest(${sql.param(texts)}::text[]) as v
		join users u on u.org_id = app.org_id() and u.active
			and (lower(u.email) = lower(v) or lower(u.name) = lower(v) or u.id::text = lower(v))`))
];

async function findTargets(
	tx: OrgTx,
	actor: Actor,
	field: FieldDefinition,
	texts: string[]
): Promise<Found[]> {
	const owner = visibleOwner(actor);
	const rows = await tx.execute<Found>(sql`
		select v as text, t.id from unnest(${sql.param(texts)}::text[]) as v
		join modules m on m.org_id = app.org_id() and m.key = ${field.lookupModuleKey}::text
		join records t on t.org_id = m.org_id and t.module_id = m.id and t.deleted_at is null and t.name_sort = lower(v)
			${owner ? sql`and t.owner_id = ${owner}::uuid` : sql``}`);
	return [...rows];
}
