import { sql, type SQL } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import type { Condition } from '#lib/domain/criteria/criteria.ts';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import type { CriteriaContext } from './compileCondition.ts';
import { dataText, storedColumn } from './fieldSql.ts';
import { shareValue } from './sharedValues.ts';

/** Days from `from` up to, not including, `before`; a missing end is open. */
type Span = { from?: SQL; before?: SQL };

/**
 * Dates and instants compare by day, an instant by its day in the organization's zone. Bounds are computed once per
 * statement and the stored value is compared as it is (text of fixed form, or timestamptz), so an index can serve.
 */
export function dateCondition(
	condition: Condition,
	field: FieldDefinition,
	{ orgTimeZone, at, shared }: Pick<CriteriaContext, 'orgTimeZone' | 'at' | 'shared'>
): SQL {
	const column = storedColumn(field);
	const value = column ?? shareValue(shared, 'filled', field, sql`nullif(${dataText(field)}, '')`);
	if (condition.op === 'empty') return sql`${value} is null`;
	if (condition.op === 'notEmpty') return sql`${value} is not null`;
	const span = spanOf(condition, orgTimeZone, at ? sql`${at}::timestamptz` : sql`app.now()`);
	const bound = (day: SQL): SQL => {
		if (field.type === 'date') return written(day, sql`'YYYY-MM-DD'`, condition);
		const start = sql`(${day}::timestamp at time zone ${orgTimeZone}::text)`;
		if (column) return start;
		return written(sql`(${start} at time zone 'UTC')`, sql`'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`, condition);
	};
	const compared = column ? value : sql`${value} collate "C"`;
	const parts = [
		...(span.from ? [sql`${compared} >= ${bound(span.from)}`] : []),
		...(span.before ? [sql`${compared} < ${bound(span.before)}`] : [])
	];
	const inside = sql`(${sql.join(parts, sql` and `)})`;
	return condition.op === 'isNot' ? sql`not coalesce(${inside}, false)` : inside;
}

/**
 * A bound in the form of the stored text. The day after the last one that the form can write comes after all that is
 * stored (`:` follows the digits), what lies before the first one before it.
 */
function written(bound: SQL, form: SQL, { value }: Condition): SQL {
	const text = sql`to_char(${bound}, ${form})`;
	const days: unknown[] = Array.isArray(value) ? value : [value];
	if (!days.some((day) => /^(9999|0001)-/.test(String(day)))) return text;
	return sql`case when ${bound} >= '10000-01-01' then ':' when ${bound} < '0001-01-01' then '' else ${text} end`;
}

function spanOf(condition: Condition, orgTimeZone: string, now: SQL): Span {
	const today = sql`app.local_day(${now}, ${orgTimeZone}::text)`;
	const plus = (day: SQL, days: number) => sql`(${day} + ${days}::int)`;
	const [first, second] = Array.isArray(condition.value) ? condition.value : [condition.value];
	const date = (value: unknown) => sql`${String(value)}::text::date`;
	const days = Number(first ?? 0);
	switch (condition.op) {
		case 'is':
		case 'isNot':
			return { from: date(first), before: plus(date(first), 1) };
		case 'lt':
			return { before: date(first) };
		case 'lte':
			return { before: plus(date(first), 1) };
		case 'gt':
			return { from: plus(date(first), 1) };
		case 'gte':
			return { from: date(first) };
		case 'between':
			return { from: date(first), before: plus(date(second), 1) };
		case 'today':
			return { from: today, before: plus(today, 1) };
		case 'yesterday':
			return { from: plus(today, -1), before: today };
		case 'tomorrow':
			return { from: plus(today, 1), before: plus(today, 2) };
		case 'lastDays': // today and the days before it, n in all
			return { from: plus(today, 1 - days), before: plus(today, 1) };
		case 'nextDays': // today and the days after it, n in all
			return { from: today, before: plus(today, days) };
		case 'thisWeek':
			return { from: weekStart(today), before: plus(weekStart(today), 7) };
		case 'thisMonth':
			return {
				from: sql`date_trunc('month', ${today}::timestamp)::date`,
				before: sql`(date_trunc('month', ${today}::timestamp) + interval '1 month')::date`
			};
		case 'ageOver':
			return { before: plus(today, -days) };
		case 'ageUnder':
			return { from: plus(today, 1 - days), before: plus(today, 1) };
		case 'beforeToday':
			return { before: plus(today, days) };
		case 'afterToday':
			return { from: plus(today, days + 1) };
		default:
			throw new DomainError('invalid', `"${condition.field}" cannot be compared with ${condition.op}.`);
	}
}

/** Monday, as ISO 8601 counts. */
const weekStart = (day: SQL): SQL => sql`date_trunc('week', ${day}::timestamp)::date`;
