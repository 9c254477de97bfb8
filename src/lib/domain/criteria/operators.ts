import type { FieldDefinition } from '../crm/fields.ts';
import type { CriteriaOperator } from './criteria.ts';

/**
 * How values of a field compare. Blank means: never set, null, an empty text, an empty list. For every kind a blank
 * value matches `empty` and the negatives (isNot, notContains, notIn, hasNone, isFalse) and nothing else.
 */
export type ComparedAs = 'text' | 'number' | 'date' | 'boolean' | 'list' | 'reference';

const comparedAs: Record<FieldDefinition['type'], ComparedAs> = {
	text: 'text',
	longText: 'text',
	email: 'text',
	phone: 'text',
	url: 'text',
	picklist: 'text',
	number: 'number',
	currency: 'number',
	percent: 'number',
	date: 'date',
	dateTime: 'date',
	boolean: 'boolean',
	multiPicklist: 'list',
	tags: 'list',
	user: 'reference',
	lookup: 'reference'
};
export const comparedAsOf = (type: FieldDefinition['type']): ComparedAs => comparedAs[type];

/** Days are counted in the organization's time zone; they move on at its midnight. */
const relativeDateOperators = [
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
	'afterToday'
] as const satisfies readonly CriteriaOperator[];
export const isRelativeDate = (op: CriteriaOperator): boolean =>
	(relativeDateOperators as readonly CriteriaOperator[]).includes(op);

const table: Record<ComparedAs, readonly CriteriaOperator[]> = {
	text: ['is', 'isNot', 'contains', 'notContains', 'startsWith', 'in', 'notIn', 'empty', 'notEmpty'],
	number: ['is', 'isNot', 'lt', 'lte', 'gt', 'gte', 'between', 'in', 'notIn', 'empty', 'notEmpty'],
	date: [...relativeDateOperators, 'is', 'isNot', 'lt', 'lte', 'gt', 'gte', 'between', 'empty', 'notEmpty'],
	boolean: ['isTrue', 'isFalse'],
	list: ['hasAny', 'hasAll', 'hasNone', 'empty', 'notEmpty'],
	reference: ['is', 'isNot', 'in', 'notIn', 'empty', 'notEmpty']
};

/** CRM-6: which operators fit a field. `currentUser` fits fields that hold a user. */
export const operatorsOf = (type: FieldDefinition['type']): readonly CriteriaOperator[] =>
	type === 'user' ? ['currentUser', ...table.reference] : table[comparedAs[type]];

/** What stands right of an operator: nothing, one value, two, a list, a count of days, or days before or after. */
export type OperandShape = 'none' | 'one' | 'pair' | 'list' | 'days' | 'signedDays';

export function operandOf(op: CriteriaOperator): OperandShape {
	switch (op) {
		case 'between':
			return 'pair';
		case 'in':
		case 'notIn':
		case 'hasAny':
		case 'hasAll':
		case 'hasNone':
			return 'list';
		case 'lastDays':
		case 'nextDays':
		case 'ageOver':
		case 'ageUnder':
			return 'days';
		case 'beforeToday':
		case 'afterToday':
			return 'signedDays';
		case 'is':
		case 'isNot':
		case 'contains':
		case 'notContains':
		case 'startsWith':
		case 'lt':
		case 'lte':
		case 'gt':
		case 'gte':
			return 'one';
		case 'empty':
		case 'notEmpty':
		case 'isTrue':
		case 'isFalse':
		case 'currentUser':
		case 'today':
		case 'yesterday':
		case 'tomorrow':
		case 'thisWeek':
		case 'thisMonth':
			return 'none';
	}
}
