import type { Condition, Criteria, CriteriaOperator } from '#lib/domain/criteria/criteria.ts';
import { operandOf, operatorsOf } from '#lib/domain/criteria/operators.ts';
import type { FieldShape } from './fieldShape.ts';

type Joiner = 'all' | 'any';
export type Group = { joiner: Joiner; items: Criteria[] };

export const isCondition = (criteria: Criteria): criteria is Condition => 'field' in criteria;

/** Reads any criteria as a group; a bare condition is a group of one. */
export function asGroup(criteria: Criteria): Group {
	if (isCondition(criteria)) return { joiner: 'all', items: [criteria] };
	return 'all' in criteria ? { joiner: 'all', items: criteria.all } : { joiner: 'any', items: criteria.any };
}
export const fromGroup = ({ joiner, items }: Group): Criteria =>
	joiner === 'all' ? { all: items } : { any: items };

/** A condition that can be completed by typing: the field's usual operator. */
export function blankCondition(field: FieldShape | undefined, allowCurrentUser = true): Condition {
	if (!field) return { field: '', op: 'is', value: '' };
	const op = operatorsOf(field.type).find((candidate) => allowCurrentUser || candidate !== 'currentUser');
	return withOperator({ field: field.key, op: 'is' }, op ?? 'is');
}

/** Changes the operator and keeps the value only if it still has the right shape. */
export function withOperator(condition: Condition, op: CriteriaOperator): Condition {
	const next: Condition = { field: condition.field, op };
	const shape = operandOf(op);
	if (shape === 'none') return next;
	if (shape === operandOf(condition.op) && condition.value !== undefined)
		return { ...next, value: condition.value };
	switch (shape) {
		case 'list':
			return { ...next, value: [] };
		case 'pair':
			return { ...next, value: ['', ''] };
		case 'days':
			return { ...next, value: 7 };
		case 'signedDays':
			return { ...next, value: 0 };
		case 'one':
			return { ...next, value: '' };
	}
}

/** How many conditions the tree holds: "Filter (3)". */
export const countConditions = (criteria: Criteria): number =>
	isCondition(criteria) ? 1 : asGroup(criteria).items.reduce((sum, item) => sum + countConditions(item), 0);

/** Conditions whose value is still missing; a half-typed condition must not be evaluated. */
export function isComplete(criteria: Criteria): boolean {
	if (!isCondition(criteria)) return asGroup(criteria).items.every(isComplete);
	const { op, value } = criteria;
	const shape = operandOf(op);
	if (shape === 'none') return true;
	if (shape === 'list') return Array.isArray(value) && value.length > 0;
	if (shape === 'pair')
		return Array.isArray(value) && value.length === 2 && value.every((part) => part !== '');
	return value !== undefined && value !== '';
}
