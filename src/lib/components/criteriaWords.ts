import type { CriteriaOperator } from '#lib/domain/criteria/criteria.ts';
import type { FieldShape } from './fieldShape.ts';

const operatorWords: Record<CriteriaOperator, string> = {
	is: 'is',
	isNot: 'is not',
	contains: 'contains',
	notContains: 'does not contain',
	startsWith: 'starts with',
	empty: 'is empty',
	notEmpty: 'is not empty',
	lt: 'is less than',
	lte: 'is at most',
	gt: 'is more than',
	gte: 'is at least',
	between: 'is between',
	in: 'is one of',
	notIn: 'is none of',
	hasAny: 'has any of',
	hasAll: 'has all of',
	hasNone: 'has none of',
	isTrue: 'is yes',
	isFalse: 'is no',
	currentUser: 'is the current user',
	today: 'is today',
	yesterday: 'is yesterday',
	tomorrow: 'is tomorrow',
	lastDays: 'is in the last',
	nextDays: 'is in the next',
	thisWeek: 'is this week',
	thisMonth: 'is this month',
	ageOver: 'is more than ... ago',
	ageUnder: 'is less than ... ago',
	beforeToday: 'is before today plus',
	afterToday: 'is after today plus'
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
	((type === 'date' || type === 'dateTime') && dateLabels[op]) || operatorWords[op];
