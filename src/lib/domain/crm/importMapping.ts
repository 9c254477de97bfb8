import { z } from 'zod';
import type { DateOrder } from './recordValues.ts';
import {
	allFields,
	fieldTypes,
	type FieldDefinition,
	type FieldType,
	type ModuleDefinition
} from './fields.ts';

/** What the columns of an uploaded file look like; read once, at upload. */
export type ImportColumn = {
	index: number;
	header: string;
	/** First values that are not blank. */
	samples: string[];
	blanks: number;
	/** Different values with their counts, most frequent first; null when there are too many to be choices. */
	values: { value: string; count: number }[] | null;
	/** The type a new field for this column would have. */
	guess: FieldType;
	/** For dates like 3/1/2017: which part is the month; null for columns without such dates. */
	dateOrder?: DateOrder | null | undefined;
};

const columnMappingSchema = z.object({
	column: z.int().min(0).max(1000),
	target: z.discriminatedUnion('kind', [
		z.object({ kind: z.literal('skip') }),
		z.object({ kind: z.literal('field'), key: z.string().max(80) }),
		/** Makes a custom field when the import starts. */
		z.object({ kind: z.literal('new'), label: z.string().trim().min(1).max(100), type: z.enum(fieldTypes) })
	]),
	/** Value in the file -> value to store; '' makes it blank. */
	replace: z.record(z.string().max(1000), z.string().max(1000)).default({})
});
export type ColumnMapping = z.infer<typeof columnMappingSchema>;

/** What a value of the file is stored as; undefined: as it is. A file may hold any word, also `constructor`. */
export const replacedBy = (replace: ColumnMapping['replace'], value: string): string | undefined =>
	Object.hasOwn(replace, value) ? replace[value] : undefined;

export const importMappingSchema = z.object({
	columns: z.array(columnMappingSchema).max(500),
	/** Rows whose value of this field a record has already; null: every row makes a record. */
	duplicates: z
		.object({ field: z.string().max(80), action: z.enum(['skip', 'update', 'create']) })
		.nullable()
		.default(null),
	/** Adds unknown picklist values to their fields (administrators); otherwise they are errors. */
	addOptions: z.boolean().default(true),
	/** How dates like 3/1/2017 are read; null: only 2017-03-01 is a date. */
	dateOrder: z.enum(['mdy', 'dmy']).nullable().default(null),
	/** Refuses incomplete e-mail addresses instead of keeping them as typed. */
	strictAddresses: z.boolean().default(false)
});
export type ImportMapping = z.infer<typeof importMappingSchema>;

/** Letters and digits only: "E-Mail Address" and "email_address" are one. */
const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '');

const aliases: Record<string, readonly string[]> = {
	firstName: ['givenname', 'forename'],
	lastName: ['surname', 'familyname'],
	email: ['emailaddress', 'mail'],
	phone: ['phonenumber', 'telephone', 'tel'],
	mobile: ['mobilephone', 'cell', 'cellphone'],
	title: ['jobtitle', 'position'],
	company: ['companyname', 'organization', 'organisation'],
	leadStatus: ['status'],
	leadSource: ['source'],
	accountName: ['account', 'name', 'company'],
	dealName: ['opportunityid', 'opportunity', 'name'],
	industry: ['sector'],
	annualRevenue: ['revenue'],
	state: ['province', 'region'],
	parentAccount: ['subsidiaryof'],
	stage: ['dealstage'],
	amount: ['closevalue', 'value'],
	closingDate: ['closedate'],
	country: ['officelocation'],
	owner: ['recordowner', 'leadowner', 'dealowner'],
	emailOptOut: ['donotemail', 'unsubscribed', 'optout'],
	callOptOut: ['donotcall', 'donotphone'],
	whatsappOptOut: ['donotwhatsapp'],
	timeZone: ['tz']
};
/** What forms and exports leave in a cell nobody filled in. */
const placeholders = new Set([
	'select',
	'-select-',
	'--select--',
	'-none-',
	'--none--',
	'n/a',
	'#n/a',
	'null'
]);

/**
 * Suggests a field for each column by its header (label, key or a usual other name), each field once, and blanks for
 * placeholders such as "Select". Columns without a match are left out; `guess` says what a new field would be.
 */
export function suggestMapping(columns: readonly ImportColumn[], module: ModuleDefinition): ColumnMapping[] {
	const taken = new Set<string>();
	const fields = allFields(module).filter((field) => !field.readOnly);
	const claim = (matches: (field: FieldDefinition) => boolean): ColumnMapping['target'] | null => {
		const field = fields.find((candidate) => !taken.has(candidate.key) && matches(candidate));
		if (!field) return null;
		taken.add(field.key);
		return { kind: 'field', key: field.key };
	};
	const exact = columns.map(({ header }) => {
		const name = plain(header);
		return claim((field) => plain(field.label) === name || plain(field.key) === name);
	});
	return columns.map((column, index) => {
		const name = plain(column.header);
		const target = exact[index] ?? claim((field) => aliases[field.key]?.includes(name) ?? false);
		const blank = (column.values ?? []).filter(({ value }) => placeholders.has(value.toLowerCase()));
		return {
			column: column.index,
			target: target ?? { kind: 'skip' },
			replace: Object.fromEntries(blank.map(({ value }) => [value, '']))
		};
	});
}

const localDate = /^(\d{1,2})[/.](\d{1,2})[/.]\d{4}$/;

/** Which part of the dates is the month: the one that never exceeds 12; null when no value is such a date. */
export function guessDateOrder(values: Iterable<string>): DateOrder | null {
	const dates = [...values].map((value) => localDate.exec(value)).filter((match) => match !== null);
	if (!dates.length) return null;
	return dates.some((match) => Number(match[1]) > 12) || dates.every((match) => match[0].includes('.'))
		? 'dmy'
		: 'mdy';
}

/** The type that holds every value of a column. `values` is null when there are too many to choose from. */
export function guessType(
	header: string,
	seen: { all: (test: (value: string) => boolean) => boolean; longest: number },
	values: readonly { value: string; count: number }[] | null
): FieldType {
	const name = plain(header);
	if (seen.all((value) => /^(yes|no|true|false)$/i.test(value))) return 'boolean';
	if (seen.all((value) => /^\d{4}-\d{2}-\d{2}$/.test(value) || localDate.test(value))) return 'date';
	if (seen.all((value) => /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(value))) return 'dateTime';
	if (/phone|mobile|tel$/.test(name)) return 'phone';
	if (seen.all((value) => /^[+-]?\d+(\.\d+)?$/.test(value) && !/^0\d/.test(value))) return 'number';
	if (seen.all((value) => value.includes('@') && !/\s/.test(value))) return 'email';
	if (seen.all((value) => /^https?:\/\//i.test(value))) return 'url';
	const rows = (values ?? []).reduce((sum, { count }) => sum + count, 0);
	if (values && values.length <= 60 && rows >= values.length * 3 && seen.longest <= 100) return 'picklist';
	return seen.longest > 255 ? 'longText' : 'text';
}
