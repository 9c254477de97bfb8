import { Temporal } from 'temporal-polyfill';
import { assertNever } from '../errors.ts';
import { isId } from '../ids.ts';
import { normalizeEmail } from './addresses.ts';
import { isInvisible } from '../visibleText.ts';
import { findOption } from './fieldOptions.ts';
import type { FieldDefinition } from './fields.ts';

export type RecordValue = string | number | boolean | string[] | null;

export type ReadValue = {
	/** What is stored; dates `YYYY-MM-DD`, date-times ISO in UTC with milliseconds. */
	value: RecordValue;
	/** Why it cannot be stored, in a sentence. */
	problem?: string;
	/** It can be stored, but look at it. */
	warning?: string;
};

export type DateOrder = 'mdy' | 'dmy';

export type ReadOptions = {
	/** Zone of date-times typed without one. */
	timeZone?: string;
	/** Which part of `3/1/2017` comes first; without it only `2017-03-01` is a date. */
	dateOrder?: DateOrder | undefined;
	/** Keep an incomplete e-mail address as typed, with a warning: what imports do (a cadence finds it later). */
	keepAddresses?: boolean;
	/** Takes picklist values that were retired: a published cadence goes on writing what it was published with. */
	retired?: boolean;
};

const yes = new Set(['true', 'yes', 'y', '1', 'on', 'x']);
const no = new Set(['false', 'no', 'n', '0', 'off']);
const limits: Partial<Record<FieldDefinition['type'], number>> = { longText: 32_000 };
const maxText = 1000;
/** Of one that is no complete address: an index holds it. */
const longestAddress = 500;
/** 15 digits in all are kept exactly, from the form to the database and back. */
const largest = { number: 999_999_999_999_999, currency: 9_999_999_999_999.99, percent: 1_000_000 };

const isBlank = (raw: unknown) =>
	raw === null || raw === undefined || (Array.isArray(raw) ? raw.length === 0 : isInvisible(String(raw)));
/** PostgreSQL stores no NUL and no half of a character. */
const clean = (raw: unknown) => String(raw).replaceAll('\0', '').toWellFormed().trim();
const splitList = (raw: unknown, by: RegExp): string[] => [
	...new Set(
		(Array.isArray(raw) ? raw : String(raw).split(by)).map(clean).filter((text) => !isInvisible(text))
	)
];

/** CRM-3: reads what a form, an import or the API gives for a field. Blank of any kind becomes null (tags: none). */
export function readValue(raw: unknown, field: FieldDefinition, options: ReadOptions = {}): ReadValue {
	if (isBlank(raw)) return { value: emptyOf(field) };
	const text = clean(raw);
	const problem = (message: string): ReadValue => ({ value: null, problem: `${field.label} ${message}` });
	switch (field.type) {
		case 'text':
		case 'longText': {
			if (field.key === 'timeZone' && field.origin === 'system' && !isTimeZone(text))
				return problem('must be a time zone such as Europe/Berlin.');
			return checkLength(text, field);
		}
		case 'email':
			if (normalizeEmail(text)) return { value: text };
			if (!options.keepAddresses || text.length > longestAddress)
				return problem('must be an email address such as ada@example.com.');
			return {
				value: text,
				warning: `${field.label} "${text}" is no complete address. It is kept as typed.`
			};
		case 'phone':
			return /\d\D*\d\D*\d/.test(text) && text.length <= 60
				? { value: text }
				: problem('must be a phone number.');
		case 'url':
			return isWebAddress(text)
				? checkLength(text, field)
				: problem('must be a web address such as https://example.com.');
		case 'number':
		case 'currency':
		case 'percent': {
			const number = typeof raw === 'number' ? raw : readNumber(text);
			if (number === null || Number.isNaN(number)) return problem('must be a number.');
			const most = largest[field.type];
			return Math.abs(number) <= most
				? { value: number }
				: problem(`must be between -${most.toLocaleString('en-US')} and ${most.toLocaleString('en-US')}.`);
		}
		case 'date': {
			const day = readDay(text, options.dateOrder);
			return day ? { value: day } : problem('must be a date such as 2026-05-31.');
		}
		case 'dateTime': {
			const instant = raw instanceof Date ? raw.toISOString() : readInstant(text, options.timeZone ?? 'UTC');
			return instant ? { value: instant } : problem('must be a date and time such as 2026-05-31 14:30.');
		}
		case 'boolean':
			if (yes.has(text.toLowerCase())) return { value: true };
			return no.has(text.toLowerCase()) ? { value: false } : problem('must be Yes or No.');
		case 'picklist': {
			const option = findOption(text, field, options.retired);
			return option === null ? problem(noOption(text, field)) : { value: option };
		}
		case 'multiPicklist': {
			const wanted = splitList(raw, /;/);
			const unknown = wanted.find((part) => findOption(part, field, options.retired) === null);
			if (unknown !== undefined) return problem(noOption(unknown, field));
			return { value: wanted.map((part) => findOption(part, field, options.retired)!) };
		}
		case 'user':
		case 'lookup':
			return isId(text)
				? { value: text.toLowerCase() }
				: problem(`must be a ${field.type === 'user' ? 'user' : 'record'}.`);
		case 'tags': {
			const tags = splitList(raw, /[,;]/);
			return tags.length > 50 || tags.some((tag) => tag.length > 60)
				? problem('can be 50 at most, of 60 characters each.')
				: { value: tags };
		}
		default:
			return assertNever(field.type);
	}
}

const emptyOf = (field: FieldDefinition): RecordValue => {
	if (field.type === 'tags') return [];
	return field.origin === 'system' && field.type === 'boolean' ? false : null;
};

function checkLength(text: string, field: FieldDefinition): ReadValue {
	const most = limits[field.type] ?? maxText;
	return text.length <= most
		? { value: text }
		: { value: null, problem: `${field.label} can be ${most} characters at most.` };
}

const noOption = (text: string, field: FieldDefinition): string =>
	findOption(text, field, true) === null
		? `has no value "${text}".`
		: `no longer offers "${text}". Choose another value.`;

function isTimeZone(text: string): boolean {
	try {
		return !!new Intl.DateTimeFormat('en', { timeZone: text });
	} catch {
		return false;
	}
}

function isWebAddress(text: string): boolean {
	const address = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
	if (/\s/.test(text) || !URL.canParse(address)) return false;
	const { protocol, hostname } = new URL(address);
	return (protocol === 'http:' || protocol === 'https:') && hostname.includes('.');
}

/** `1,234.50`, `$ 99`, `12 %`. */
function readNumber(text: string): number | null {
	const plain = text.replace(/^[\s$€£¥]+|[\s$€£¥%]+$/g, '');
	const grouped = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(',', '') : plain;
	return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(grouped) ? Number(grouped) : null;
}

/** `2026-05-31`, also as the date part of a date-time; `5/31/2026` and `31.5.2026` if the order is known. */
function readDay(text: string, order: DateOrder | undefined): string | null {
	const iso = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?$/.exec(text);
	const local = order && /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?$/.exec(text);
	const [year, month, date] = iso
		? [iso[1], iso[2], iso[3]]
		: local
			? [local[3], ...(order === 'mdy' ? [local[1], local[2]] : [local[2], local[1]])]
			: [];
	if (!year || !month || !date) return null;
	const day = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
	const parsed = new Date(`${day}T00:00:00Z`);
	return !Number.isNaN(parsed.getTime()) && parsed.toJSON().startsWith(day) ? day : null;
}

function readInstant(text: string, timeZone: string): string | null {
	const iso = text.replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, '$1T');
	try {
		const instant = /(Z|[+-]\d{2}:?\d{2})$/i.test(iso.slice(10))
			? Temporal.Instant.from(iso)
			: Temporal.PlainDateTime.from(iso).toZonedDateTime(timeZone).toInstant();
		return new Date(instant.epochMilliseconds).toISOString();
	} catch {
		return null;
	}
}
