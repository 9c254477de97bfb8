import { z } from 'zod';
import { postJson } from '#lib/components/postJson.ts';
import type { FieldValue } from '#lib/components/fieldShape.ts';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import type { RecordLike } from '#lib/domain/crm/fieldValue.ts';

export type ListRow = RecordLike & { id: string };

const unedited: readonly FieldDefinition['type'][] = ['longText'];
/** CRM-7: what can be changed in a cell; long texts want the record's page. */
export const isEditable = (field: FieldDefinition): boolean =>
	!field.readOnly && !unedited.includes(field.type);

const columns: Readonly<Record<string, keyof RecordLike>> = {
	owner: 'ownerId',
	tags: 'tags',
	timeZone: 'timeZone',
	emailOptOut: 'emailOptOut',
	callOptOut: 'callOptOut',
	whatsappOptOut: 'whatsappOptOut'
};

const saved = z.object({
	name: z.string(),
	modifiedAt: z.coerce.date(),
	value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]),
	names: z.record(z.string(), z.string())
});

export type SavedCell = { row: ListRow; names: Record<string, string>; problem?: undefined };

/** Stores one value of a row; the row as it is then, or what is wrong. */
export async function saveCell(
	moduleKey: string,
	row: ListRow,
	field: string,
	value: FieldValue
): Promise<SavedCell | { problem: string }> {
	const { data, problem } = await postJson(
		`/${moduleKey}/cell`,
		{ id: row.id, field, value, modifiedAt: row.modifiedAt.toISOString() },
		saved
	);
	if (problem !== undefined) return { problem };
	const { name, modifiedAt } = data;
	const column = columns[field];
	const changed = column
		? { ...row, [column]: data.value }
		: { ...row, data: { ...row.data, [field]: data.value } };
	return { row: { ...changed, name, modifiedAt }, names: data.names };
}
