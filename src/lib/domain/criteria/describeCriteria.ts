import { assertNever } from '../errors.ts';
import type { Condition, Criteria } from './criteria.ts';
import { optionLabel } from '../crm/fieldOptions.ts';
import { findField, type ModuleDefinition } from '../crm/fields.ts';

export type DescribeNames = {
	/** Id of a user or record -> name. */
	names?: Readonly<Record<string, string>>;
};

/**
 * CRM-6: the criteria as a sentence: `City is "Rome" and (Amount is more than 5 or Tags has any of "hot")`. For tooltips,
 * publish dialogs and reasons.
 */
export function describeCriteria(
	criteria: Criteria,
	module: ModuleDefinition,
	options: DescribeNames = {}
): string {
	if ('field' in criteria) return describeCondition(criteria, module, options.names ?? {});
	const [items, joiner] = 'all' in criteria ? [criteria.all, ' and '] : [criteria.any, ' or '];
	if (!items.length) return 'all' in criteria ? `every ${module.singular.toLowerCase()}` : 'none';
	return items
		.map((item) => {
			const text = describeCriteria(item, module, options);
			const isGroup = !('field' in item) && ('all' in item ? item.all : item.any).length > 1;
			return isGroup && items.length > 1 ? `(${text})` : text;
		})
		.join(joiner);
}

function describeCondition(
	condition: Condition,
	module: ModuleDefinition,
	names: Readonly<Record<string, string>>
): string {
	const field = findField(module, condition.field);
	const label = field?.label ?? `${condition.field} (deleted)`;
	const isReference = field?.type === 'user' || field?.type === 'lookup';
	const isDate = field?.type === 'date' || field?.type === 'dateTime';
	const say = (value: unknown): string => {
		if (isReference)
			return names[String(value)] ?? `a ${field.type === 'user' ? 'user' : 'record'} that is gone`;
		return typeof value === 'number' || isDate
			? String(value)
			: `"${optionLabel(field ?? {}, String(value))}"`;
	};
	const list = Array.isArray(condition.value) ? condition.value.map(say) : [say(condition.value)];
	return `${label} ${predicate(condition, list, isDate)}`;
}

const days = (value: unknown) =>
	`${Math.abs(Number(value))} ${Math.abs(Number(value)) === 1 ? 'day' : 'days'}`;
/** `today`, `3 days after today`, `1 day before today`. */
function offset(value: unknown): string {
	const n = Number(value ?? 0);
	return n === 0 ? 'today' : `${days(n)} ${n > 0 ? 'after' : 'before'} today`;
}

function predicate({ op, value }: Condition, list: string[], isDate: boolean): string {
	const [first = '', second = ''] = list;
	switch (op) {
		case 'is':
			return isDate ? `is on ${first}` : `is ${first}`;
		case 'isNot':
			return isDate ? `is not on ${first}` : `is not ${first}`;
		case 'contains':
			return `contains ${first}`;
		case 'notContains':
			return `does not contain ${first}`;
		case 'startsWith':
			return `starts with ${first}`;
		case 'empty':
			return 'is empty';
		case 'notEmpty':
			return 'is not empty';
		case 'lt':
			return isDate ? `is before ${first}` : `is less than ${first}`;
		case 'lte':
			return isDate ? `is on or before ${first}` : `is at most ${first}`;
		case 'gt':
			return isDate ? `is after ${first}` : `is more than ${first}`;
		case 'gte':
			return isDate ? `is on or after ${first}` : `is at least ${first}`;
		case 'between':
			return `is between ${first} and ${second}`;
		case 'in':
			return `is one of ${list.join(', ')}`;
		case 'notIn':
			return `is none of ${list.join(', ')}`;
		case 'hasAny':
			return `has any of ${list.join(', ')}`;
		case 'hasAll':
			return `has all of ${list.join(', ')}`;
		case 'hasNone':
			return `has none of ${list.join(', ')}`;
		case 'isTrue':
			return 'is yes';
		case 'isFalse':
			return 'is no';
		case 'currentUser':
			return 'is the current user';
		case 'today':
		case 'yesterday':
		case 'tomorrow':
			return `is ${op}`;
		case 'lastDays':
			return `is in the last ${days(value)} (today included)`;
		case 'nextDays':
			return `is in the next ${days(value)} (today included)`;
		case 'thisWeek':
			return 'is this week (from Monday)';
		case 'thisMonth':
			return 'is this month';
		case 'ageOver':
			return `is more than ${days(value)} ago`;
		case 'ageUnder':
			return `is less than ${days(value)} ago`;
		case 'beforeToday':
			return `is before ${offset(value)}`;
		case 'afterToday':
			return `is after ${offset(value)}`;
		default:
			return assertNever(op);
	}
}
