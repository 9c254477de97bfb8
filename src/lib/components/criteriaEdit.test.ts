import { expect, test } from 'vitest';
import { criteriaSchema, type Criteria } from '#lib/domain/criteria/criteria.ts';
import {
	asGroup,
	blankCondition,
	countConditions,
	fromGroup,
	isComplete,
	withOperator
} from './criteriaEdit.ts';
import { operatorsOf } from '#lib/domain/criteria/operators.ts';
import { fieldTypes } from '#lib/domain/crm/fields.ts';
import type { FieldShape } from './fieldShape.ts';

const fields: FieldShape[] = [
	{ key: 'status', label: 'Status', type: 'picklist', options: ['New', 'Open'] },
	{ key: 'createdAt', label: 'Created', type: 'dateTime' }
];
const nested: Criteria = {
	any: [{ field: 'status', op: 'is', value: 'New' }, { all: [{ field: 'createdAt', op: 'today' }] }]
};

test('CRM-6: groups survive reading and writing', () => {
	expect(fromGroup(asGroup(nested))).toEqual(nested);
	expect(countConditions(nested)).toBe(2);
	expect(asGroup({ field: 'createdAt', op: 'today' }).items).toHaveLength(1);
});

test('CRM-6: every operator offered for a type gives criteria that the schema takes', () => {
	for (const type of fieldTypes)
		for (const op of operatorsOf(type))
			expect(criteriaSchema.safeParse(withOperator({ field: 'status', op: 'is' }, op)).success).toBe(true);
});

test('CRM-6: a changed operator keeps a value of the same shape and drops another', () => {
	const condition = { field: 'status', op: 'is', value: 'New' } as const;
	expect(withOperator(condition, 'isNot')).toEqual({ field: 'status', op: 'isNot', value: 'New' });
	expect(withOperator(condition, 'in')).toEqual({ field: 'status', op: 'in', value: [] });
	expect(withOperator(condition, 'empty')).toEqual({ field: 'status', op: 'empty' });
});

test('CRM-6: a half-typed condition is not complete', () => {
	expect(isComplete(blankCondition(fields[0]))).toBe(false);
	expect(isComplete(blankCondition(fields[1]))).toBe(true);
	expect(isComplete({ field: 'x', op: 'between', value: ['1', ''] })).toBe(false);
	expect(isComplete(nested)).toBe(true);
	expect(blankCondition({ key: 'owner', label: 'Owner', type: 'user' }, false).op).toBe('is');
});
