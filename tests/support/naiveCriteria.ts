import { Temporal } from 'temporal-polyfill';
import type { Condition, Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import type { FieldDefinition } from '../../src/lib/domain/crm/fields.ts';

/** What the evaluator looks at: one value per field, undefined = blank. */
export type NaiveRecord = Record<string, unknown>;
export type NaiveContext = { now: string; zone: string; userId: string };

/**
 * Criteria read word for word, one record and one condition at a time, with no thought of SQL. Written independently of
 * the compiler: the two must agree on every record.
 */
export function matches(
	criteria: Criteria,
	record: NaiveRecord,
	fields: readonly FieldDefinition[],
	context: NaiveContext
): boolean {
	if ('all' in criteria) return criteria.all.every((part) => matches(part, record, fields, context));
	if ('any' in criteria) return criteria.any.some((part) => matches(part, record, fields, context));
	const field = fields.find((candidate) => candidate.key === criteria.field)!;
	const value = record[field.key];
	const isBlank =
		value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
	if (criteria.op === 'empty') return isBlank;
	if (criteria.op === 'notEmpty') return !isBlank;
	if (criteria.op === 'isTrue') return value === true;
	if (criteria.op === 'isFalse') return value !== true;
	if (isBlank) return ['isNot', 'notContains', 'notIn', 'hasNone'].includes(criteria.op);
	if (field.type === 'date' || field.type === 'dateTime')
		return matchesDay(criteria, dayOf(String(value), field, context.zone), context);
	if (Array.isArray(value)) return matchesList(criteria, value);
	if (typeof value === 'number') return matchesNumber(criteria, value);
	return matchesText(criteria, String(value).toLowerCase(), context);
}

function dayOf(value: string, field: FieldDefinition, zone: string): Temporal.PlainDate {
	if (field.type === 'date') return Temporal.PlainDate.from(value);
	return Temporal.Instant.from(value).toZonedDateTimeISO(zone).toPlainDate();
}

function matchesDay(condition: Condition, day: Temporal.PlainDate, context: NaiveContext): boolean {
	const today = Temporal.Instant.from(context.now).toZonedDateTimeISO(context.zone).toPlainDate();
	const daysFromToday = today.until(day, { largestUnit: 'day' }).days;
	const n = Number(condition.value ?? 0);
	const order = (other: unknown) => Temporal.PlainDate.compare(day, Temporal.PlainDate.from(String(other)));
	switch (condition.op) {
		case 'is':
			return order(condition.value) === 0;
		case 'isNot':
			return order(condition.value) !== 0;
		case 'lt':
			return order(condition.value) < 0;
		case 'lte':
			return order(condition.value) <= 0;
		case 'gt':
			return order(condition.value) > 0;
		case 'gte':
			return order(condition.value) >= 0;
		case 'between': {
			const [from, to] = condition.value as string[];
			return order(from) >= 0 && order(to) <= 0;
		}
		case 'today':
			return daysFromToday === 0;
		case 'yesterday':
			return daysFromToday === -1;
		case 'tomorrow':
			return daysFromToday === 1;
		case 'lastDays':
			return daysFromToday <= 0 && daysFromToday > -n;
		case 'nextDays':
			return daysFromToday >= 0 && daysFromToday < n;
		case 'thisWeek':
			return day.weekOfYear === today.weekOfYear && day.yearOfWeek === today.yearOfWeek;
		case 'thisMonth':
			return day.year === today.year && day.month === today.month;
		case 'ageOver':
			return -daysFromToday > n;
		case 'ageUnder':
			return daysFromToday <= 0 && -daysFromToday < n;
		case 'beforeToday':
			return daysFromToday < n;
		case 'afterToday':
			return daysFromToday > n;
		default:
			throw new Error(`No day operator: ${condition.op}`);
	}
}

function matchesList(condition: Condition, value: string[]): boolean {
	const wanted = condition.value as string[];
	const held = wanted.filter((item) => value.includes(item));
	if (condition.op === 'hasAny') return held.length > 0;
	if (condition.op === 'hasAll') return held.length === wanted.length;
	return held.length === 0;
}

function matchesNumber(condition: Condition, value: number): boolean {
	const wanted = condition.value as number;
	const list = condition.value as number[];
	switch (condition.op) {
		case 'is':
			return value === wanted;
		case 'isNot':
			return value !== wanted;
		case 'lt':
			return value < wanted;
		case 'lte':
			return value <= wanted;
		case 'gt':
			return value > wanted;
		case 'gte':
			return value >= wanted;
		case 'between':
			return value >= list[0]! && value <= list[1]!;
		case 'in':
			return list.includes(value);
		case 'notIn':
			return !list.includes(value);
		default:
			throw new Error(`No number operator: ${condition.op}`);
	}
}

function matchesText(condition: Condition, value: string, context: NaiveContext): boolean {
	const lower = (text: unknown) => String(text).trim().toLowerCase();
	const list = () => (condition.value as string[]).map(lower);
	switch (condition.op) {
		case 'is':
			return value === lower(condition.value);
		case 'isNot':
			return value !== lower(condition.value);
		case 'contains':
			return value.includes(lower(condition.value));
		case 'notContains':
			return !value.includes(lower(condition.value));
		case 'startsWith':
			return value.startsWith(lower(condition.value));
		case 'in':
			return list().includes(value);
		case 'notIn':
			return !list().includes(value);
		case 'currentUser':
			return value === context.userId;
		default:
			throw new Error(`No text operator: ${condition.op}`);
	}
}
