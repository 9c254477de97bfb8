import { sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import { DomainError } from '#lib/domain/errors.ts';
import { findField, type FieldDefinition, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { dataText, numberOf, storedColumn } from '../criteria/fieldSql.ts';
import type { ViewSort } from '../db/schema/crm.ts';

export type SortOrder = {
	/** What follows `order by`. */
	orderBy: SQL;
	/** Rows after the cursor, or before it when going back; null without a cursor. */
	beyond: SQL | null;
	/** The sort value of a row as text, to be selected beside it: what the next cursor holds. */
	key: SQL;
	cursorOf: (row: { sortKey: string | null; id: string }) => string;
};

const cursorSchema = z.object({
	f: z.string(),
	d: z.enum(['asc', 'desc']),
	v: z.string().nullable(),
	i: z.uuid()
});

/**
 * CRM-7: keyset paging over any sortable field: no page costs more than the first. Blank values come last in both
 * directions; equal ones are ordered by id.
 * @param back the order read backwards: the rows before the cursor, nearest first
 * @throws invalid for a field that cannot be sorted by, or a cursor of another order
 */
export function sortOrder(
	module: ModuleDefinition,
	sort: ViewSort,
	cursor?: string | null,
	back = false
): SortOrder {
	const field = findField(module, sort.field);
	if (!field || field.type === 'tags' || field.type === 'multiPicklist' || field.type === 'longText')
		throw new DomainError(
			'invalid',
			`${module.plural} cannot be sorted by "${field?.label ?? sort.field}".`,
			'/sort/field'
		);
	const { value, type, neverBlank } = sortValue(field);
	const ascending = (sort.direction === 'asc') !== back;
	const direction = ascending ? sql`asc` : sql`desc`;
	const beyond = ascending ? sql`>` : sql`<`;
	const at = cursor ? readCursor(cursor, sort) : null;
	return {
		key: keyText(value, type),
		orderBy: neverBlank
			? sql`${value} ${direction}, r.id ${direction}`
			: sql`(${value} is null) ${back ? sql`desc` : sql`asc`}, ${value} ${direction}, r.id ${direction}`,
		beyond: at && further(value, type, beyond, { neverBlank, back, at }),
		cursorOf: ({ sortKey, id }) =>
			Buffer.from(JSON.stringify({ f: sort.field, d: sort.direction, v: sortKey, i: id })).toString(
				'base64url'
			)
	};
}

type SortType = 'text' | 'timestamptz' | 'numeric' | 'boolean';

type Place = { neverBlank: boolean; back: boolean; at: { v: string | null; i: string } };

/** Blanks come last, so they lie behind every value, and every value lies before them. */
function further(value: SQL, type: SortType, beyond: SQL, { neverBlank, back, at }: Place): SQL {
	if (at.v === null) {
		const blanks = sql`(${value} is null and r.id ${beyond} ${at.i}::uuid)`;
		return back ? sql`(${value} is not null or ${blanks})` : blanks;
	}
	const typed = sql`${at.v}::text::${sql.raw(type)}`;
	const next = sql`(${value}, r.id) ${beyond} (${typed}, ${at.i}::uuid)`;
	return neverBlank || back ? next : sql`(${next} or ${value} is null)`;
}

const keyText = (value: SQL, type: SortType): SQL =>
	type === 'timestamptz'
		? sql`to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
		: sql`(${value})::text`;

function sortValue(field: FieldDefinition): { value: SQL; type: SortType; neverBlank: boolean } {
	const column = storedColumn(field);
	if (field.key === 'name' && column) return { value: sql`r.name_sort`, type: 'text', neverBlank: true };
	switch (field.type) {
		case 'number':
		case 'currency':
		case 'percent':
			return { value: numberOf(field), type: 'numeric', neverBlank: false };
		case 'boolean':
			return {
				value: column ?? sql`coalesce(${dataText(field)} = 'true', false)`,
				type: 'boolean',
				neverBlank: true
			};
		case 'dateTime':
			if (column) return { value: column, type: 'timestamptz', neverBlank: field.key !== 'convertedAt' };
			return { value: sql`(nullif(${dataText(field)}, '') collate "C")`, type: 'text', neverBlank: false };
		case 'user': {
			const id = column ?? sql`nullif(${dataText(field)}, '')::uuid`;
			const name = sql`(select lower(u.name) from users u where u.org_id = r.org_id and u.id = ${id})`;
			return { value: name, type: 'text', neverBlank: false };
		}
		case 'lookup': {
			const id = sql`nullif(${dataText(field)}, '')::uuid`;
			const name = sql`(select t.name_sort from records t where t.org_id = r.org_id and t.id = ${id})`;
			return { value: name, type: 'text', neverBlank: false };
		}
		default:
			return { value: sql`lower(nullif(${column ?? dataText(field)}, ''))`, type: 'text', neverBlank: false };
	}
}

function readCursor(cursor: string, sort: ViewSort): { v: string | null; i: string } {
	try {
		const { f, d, v, i } = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
		if (f === sort.field && d === sort.direction) return { v, i };
	} catch {
		// falls through to the one message for every unusable cursor
	}
	throw new DomainError(
		'invalid',
		'This page link belongs to another order. Start again from the first page.',
		'/cursor'
	);
}
