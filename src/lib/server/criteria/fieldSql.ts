import { sql, type SQL } from 'drizzle-orm';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';

/** System fields live in columns. */
const columns: Record<string, SQL> = {
	name: sql`r.name`,
	owner: sql`r.owner_id`,
	createdAt: sql`r.created_at`,
	createdBy: sql`r.created_by`,
	modifiedAt: sql`r.modified_at`,
	modifiedBy: sql`r.modified_by`,
	convertedAt: sql`r.converted_at`,
	timeZone: sql`r.time_zone`,
	emailOptOut: sql`r.email_opt_out`,
	callOptOut: sql`r.call_opt_out`,
	whatsappOptOut: sql`r.whatsapp_opt_out`,
	tags: sql`r.tags`
};

/** The column of a system field; null for a field kept in records.data. */
export const storedColumn = (field: FieldDefinition): SQL | null =>
	field.origin === 'system' ? (columns[field.key] ?? null) : null;

/** A field of records.data as text. The key is a parameter: no text of a person ever becomes part of a statement. */
export const dataText = (field: FieldDefinition): SQL => sql`(r.data ->> ${field.key}::text)`;

/** A field of records.data as a number; null for anything that is none, so that a stray value breaks no query. */
export const numberOf = (field: FieldDefinition): SQL =>
	sql`(case when jsonb_typeof(r.data -> ${field.key}::text) = 'number' then ${dataText(field)}::numeric end)`;

/**
 * So many characters of a text an index holds: an entry takes 2,704 bytes, a character up to four. With more in it, a record
 * whose text is longer could not be saved, and the index could not be made.
 */
export const indexedLength = 500;
