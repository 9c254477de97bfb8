import { sql, type SQL } from 'drizzle-orm';
import { assertNever, DomainError } from '#lib/domain/errors.ts';
import type { Condition } from '#lib/domain/criteria/criteria.ts';
import { comparedAsOf } from '#lib/domain/criteria/operators.ts';
import { findField, type FieldDefinition, type ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { dateCondition } from './dateCondition.ts';
import { dataText, indexedLength, numberOf, storedColumn } from './fieldSql.ts';
import { shareValue, type SharedValues } from './sharedValues.ts';

export type CriteriaContext = {
	/** Relative dates and days of instants are the organization's. */
	orgTimeZone: string;
	/** Who `current user` is; without one such a condition is refused. */
	userId?: string | undefined;
	/** The instant (ISO) whose day is today; the product's clock when absent. */
	at?: string | undefined;
	/** Collects what is read of a record; the statement gives it by `readOnce`. */
	shared?: SharedValues | undefined;
};

/** A condition that passed `checkCriteria`. Blank values: see domain/criteria/operators.ts. */
export function compileCondition(
	condition: Condition,
	module: ModuleDefinition,
	context: CriteriaContext
): SQL {
	const field = findField(module, condition.field);
	if (!field) throw new DomainError('invalid', `${module.plural} have no field "${condition.field}".`);
	const kind = comparedAsOf(field.type);
	switch (kind) {
		case 'text':
			return textCondition(condition, field, context);
		case 'number':
			return numberCondition(condition, field, context);
		case 'date':
			return dateCondition(condition, field, context);
		case 'boolean':
			return booleanCondition(condition, field, context);
		case 'list':
			return listCondition(condition, field, context);
		case 'reference':
			return referenceCondition(condition, field, context);
		default:
			return assertNever(kind);
	}
}

const unfit = (condition: Condition): never => {
	throw new DomainError('invalid', `"${condition.field}" cannot be compared with ${condition.op}.`);
};
const listOf = (value: Condition['value']): string[] =>
	(Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
const textOf = (value: Condition['value']): string => String(listOf(value)[0] ?? '').trim();

/** What the index of a text holds (fieldIndex.ts); written out, as an expression with a parameter is none of an index. */
const beginningOf = (text: SQL): SQL => sql`left(${text}, ${sql.raw(String(indexedLength))})`;

/** Without regard to case, as people read it. */
function textCondition(condition: Condition, field: FieldDefinition, { shared }: CriteriaContext): SQL {
	const value = storedColumn(field) ?? dataText(field);
	const found = shareValue(shared, 'lower', field, sql`lower(${value})`);
	const wanted = sql`lower(${textOf(condition.value)}::text)`;
	// In lower case the same texts are blank, and it is at hand.
	const blank = sql`coalesce(${shared ? found : value}, '') = ''`;
	const wantedList = sql`array(select lower(v) from unnest(${sql.param(
		listOf(condition.value).map((text) => text.trim())
	)}::text[]) as v)`;
	switch (condition.op) {
		case 'is':
			return shared
				? sql`${found} = ${wanted}`
				: sql`(${beginningOf(found)} = ${beginningOf(wanted)} and ${found} = ${wanted})`;
		case 'isNot':
			return sql`coalesce(${found}, '') <> ${wanted}`;
		case 'contains':
			return sql`position(${wanted} in ${found}) > 0`;
		case 'notContains':
			return sql`position(${wanted} in coalesce(${found}, '')) = 0`;
		case 'startsWith':
			return sql`starts_with(${found}, ${wanted})`;
		case 'in':
			return shared
				? sql`${found} = any(${wantedList})`
				: sql`(${beginningOf(found)} = any(array(select ${beginningOf(sql`v`)} from unnest(${wantedList}) as v))
					and ${found} = any(${wantedList}))`;
		case 'notIn':
			return sql`coalesce(${found}, '') <> all(${wantedList})`;
		case 'empty':
			return blank;
		case 'notEmpty':
			return sql`not (${blank})`;
		default:
			return unfit(condition);
	}
}

function numberCondition(condition: Condition, field: FieldDefinition, { shared }: CriteriaContext): SQL {
	const value = shareValue(shared, 'number', field, numberOf(field));
	const [first = '0', second = '0'] = listOf(condition.value);
	const one = sql`${first}::text::numeric`;
	const list = sql`${sql.param(listOf(condition.value))}::text[]::numeric[]`;
	switch (condition.op) {
		case 'is':
			return sql`${value} = ${one}`;
		case 'isNot':
			return sql`${value} is distinct from ${one}`;
		case 'lt':
			return sql`${value} < ${one}`;
		case 'lte':
			return sql`${value} <= ${one}`;
		case 'gt':
			return sql`${value} > ${one}`;
		case 'gte':
			return sql`${value} >= ${one}`;
		case 'between':
			return sql`${value} between ${one} and ${second}::text::numeric`;
		case 'in':
			return sql`${value} = any(${list})`;
		case 'notIn':
			return sql`coalesce(${value} <> all(${list}), true)`;
		case 'empty':
			return sql`${value} is null`;
		case 'notEmpty':
			return sql`${value} is not null`;
		default:
			return unfit(condition);
	}
}

function booleanCondition(condition: Condition, field: FieldDefinition, { shared }: CriteriaContext): SQL {
	const value =
		storedColumn(field) ??
		shareValue(shared, 'boolean', field, sql`coalesce(${dataText(field)} = 'true', false)`);
	if (condition.op === 'isTrue') return sql`${value}`;
	if (condition.op === 'isFalse') return sql`not ${value}`;
	return unfit(condition);
}

/** Tags and multi-picklists. Values are compared as they are written. */
function listCondition(condition: Condition, field: FieldDefinition, { shared }: CriteriaContext): SQL {
	const wanted = sql`${sql.param(listOf(condition.value))}::text[]`;
	if (field.key === 'tags' && field.origin === 'system')
		switch (condition.op) {
			case 'hasAny':
				return sql`r.tags && ${wanted}`;
			case 'hasAll':
				return sql`r.tags @> ${wanted}`;
			case 'hasNone':
				return sql`not (r.tags && ${wanted})`;
			case 'empty':
				return sql`r.tags = '{}'::text[]`;
			case 'notEmpty':
				return sql`r.tags <> '{}'::text[]`;
			default:
				return unfit(condition);
		}
	const stored = shareValue(shared, 'json', field, sql`(r.data -> ${field.key}::text)`);
	const isList = sql`coalesce(jsonb_typeof(${stored}) = 'array' and ${stored} <> '[]'::jsonb, false)`;
	switch (condition.op) {
		case 'hasAny':
			return sql`coalesce(${isList} and ${stored} ?| ${wanted}, false)`;
		case 'hasAll':
			return sql`coalesce(${isList} and ${stored} ?& ${wanted}, false)`;
		case 'hasNone':
			return sql`not coalesce(${isList} and ${stored} ?| ${wanted}, false)`;
		case 'empty':
			return sql`not ${isList}`;
		case 'notEmpty':
			return isList;
		default:
			return unfit(condition);
	}
}

/** Users and lookups: ids. */
function referenceCondition(
	condition: Condition,
	field: FieldDefinition,
	{ userId, shared }: CriteriaContext
): SQL {
	if (condition.op === 'currentUser' && !userId)
		throw new DomainError(
			'invalid',
			`"${field.label}" is compared with the current user, but nobody is signed in here.`
		);
	const column = storedColumn(field);
	const value = column ?? shareValue(shared, 'filled', field, sql`nullif(${dataText(field)}, '')`);
	const ids =
		condition.op === 'currentUser' ? [userId!] : listOf(condition.value).map((id) => id.toLowerCase());
	const one = column ? sql`${ids[0] ?? null}::text::uuid` : sql`${ids[0] ?? null}::text`;
	const list = column ? sql`${sql.param(ids)}::text[]::uuid[]` : sql`${sql.param(ids)}::text[]`;
	switch (condition.op) {
		case 'is':
		case 'currentUser':
			return sql`${value} = ${one}`;
		case 'isNot':
			return sql`${value} is distinct from ${one}`;
		case 'in':
			return sql`${value} = any(${list})`;
		case 'notIn':
			return sql`coalesce(${value} <> all(${list}), true)`;
		case 'empty':
			return sql`${value} is null`;
		case 'notEmpty':
			return sql`${value} is not null`;
		default:
			return unfit(condition);
	}
}
