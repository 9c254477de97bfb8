import type { CriteriaOperator } from '#lib/domain/criteria/criteria.ts';
import type { FieldShape } from './fieldShape.ts';

/** What stands right of the operator: nothing, one value, a from-to pair, a list, or a number of days. */
export type ValueShape = 'none' | 'one' | 'pair' | 'list' | 'days' | 'signedDays';

export const operatorWords: Record<CriteriaOperator, { label: string; value: ValueShape }> = {
	is: { label: 'is', value: 'one' },
	isNot: { label: 'is not', value: 'one' },
	contains: { label: 'contains', value: 'one' },
	notContains: { label: 'does not contain', value: 'one' },
	startsWith: { label: 'starts with', value: 'one' },
	empty: { label: 'is empty', value: 'none' },
	notEmpty: { label: 'is not empty', value: 'none' },
	lt: { label: 'is less than', value: 'one' },
	lte: { label: 'is at most', value: 'one' },
	gt: { label: 'is more than', value: 'one' },
	gte: { label: 'is at least', value: 'one' },
	between: { label: 'is between', value: 'pair' },
	in: { label: 'is one of', value: 'list' },
	notIn: { label: 'is none of', value: 'list' },
	hasAny: { label: 'has any of', value: 'list' },
	hasAll: { label: 'has all of', value: 'list' },
	hasNone: { label: 'has none of', value: 'list' },
	isTrue: { label: 'is yes', value: 'none' },
	isFalse: { label: 'is no', value: 'none' },
	currentUser: { label: 'is the current user', value: 'none' },
	today: { label: 'is today', value: 'none' },
	yesterday: { label: 'is yesterday', value: 'none' },
	tomorrow: { label: 'is tomorrow', value: 'none' },
	lastDays: { label: 'is in the last', value: 'days' },
	nextDays: { label: 'is in the next', value: 'days' },
	thisWeek: { label: 'is this week', value: 'none' },
	thisMonth: { label: 'is this month', value: 'none' },
	ageOver: { label: 'is more than ... ago', value: 'days' },
	ageUnder: { label: 'is less than ... ago', value: 'days' },
	beforeToday: { label: 'is before today plus', value: 'signedDays' },
	afterToday: { label: 'is after today plus', value: 'signedDays' }
};

/** Dates read better with their own words. */
const dateLabels: Partial<Record<CriteriaOperator, string>> = {
	is: 'is on',
	isNot: 'is not on',
	lt: 'is before',
	lte: 'is on or before',
	gt: 'is after',
	gte: 'is on or after'
};
export const operatorLabel = (op: CriteriaOperator, type: FieldShape['type'] | undefined): string =>
	((type === 'date' || type === 'dateTime') && dateLabels[op]) || operatorWords[op].label;

const text: CriteriaOperator[] = [
	'is',
	'isNot',
	'contains',
	'notContains',
	'startsWith',
	'empty',
	'notEmpty'
];
const number: CriteriaOperator[] = ['is', 'isNot', 'lt', 'lte', 'gt', 'gte', 'between', 'empty', 'notEmpty'];
const date: CriteriaOperator[] = [
	'today',
	'yesterday',
	'tomorrow',
	'thisWeek',
	'thisMonth',
	'lastDays',
	'nextDays',
	'ageOver',
	'ageUnder',
	'beforeToday',
	'afterToday',
	'is',
	'lt',
	'gt',
	'between',
	'empty',
	'notEmpty'
];
const choice: CriteriaOperator[] = ['is', 'isNot', 'in', 'notIn', 'empty', 'notEmpty'];
const many: CriteriaOperator[] = ['hasAny', 'hasAll', 'hasNone', 'empty', 'notEmpty'];

/** CRM-6: the operators offered for a field, the usual one first. */
export const operatorsFor: Record<FieldShape['type'], readonly CriteriaOperator[]> = {
	text,
	longText: ['contains', 'notContains', 'empty', 'notEmpty'],
	email: text,
	phone: text,
	url: text,
	number,
	currency: number,
	percent: number,
	date,
	dateTime: date,
	boolean: ['isTrue', 'isFalse'],
	picklist: choice,
	multiPicklist: many,
	tags: many,
	user: ['is', 'currentUser', 'isNot', 'in', 'notIn', 'empty', 'notEmpty'],
	lookup: ['is', 'isNot', 'empty', 'notEmpty']
};
