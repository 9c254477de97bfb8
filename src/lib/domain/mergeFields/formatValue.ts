import type { FieldDefinition } from '../crm/fields.ts';

type Stored = string | number | boolean | readonly string[] | null | undefined;

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const money = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' });
const moments = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than using it. */
function momentIn(timeZone: string): Intl.DateTimeFormat {
	let format = moments.get(timeZone);
	if (!format) {
		format = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeStyle: 'short', timeZone });
		moments.set(timeZone, format);
	}
	return format;
}

/** A stored field value as people read it in a text; null when there is none. Ids of users and records are not texts. */
export function formatValue(type: FieldDefinition['type'], value: Stored, timeZone: string): string | null {
	if (value === null || value === undefined || value === '') return null;
	if (typeof value === 'boolean') return value ? 'Yes' : 'No';
	if (typeof value === 'number')
		return type === 'currency' ? money.format(value) : number.format(value) + (type === 'percent' ? '%' : '');
	if (typeof value !== 'string') return value.join(', ') || null;
	if (type !== 'date' && type !== 'dateTime') return value;
	const instant = new Date(type === 'date' ? `${value.slice(0, 10)}T00:00:00Z` : value);
	if (Number.isNaN(instant.getTime())) return value;
	return type === 'date' ? day.format(instant) : momentIn(timeZone).format(instant);
}
