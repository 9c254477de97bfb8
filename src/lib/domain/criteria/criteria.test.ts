import { expect, test } from 'vitest';
import type { ModuleDefinition } from '../crm/fields.ts';
import { systemModules } from '../crm/systemModules.ts';
import { checkCriteria } from './checkCriteria.ts';
import { criteriaOperators, type Criteria } from './criteria.ts';
import { describeCriteria } from './describeCriteria.ts';
import { operatorsOf } from './operators.ts';
import { isTimeRelative, nextFlipAt } from './relativeTime.ts';
import { usesCurrentUser } from './usesCurrentUser.ts';

const standard = systemModules.find((module) => module.key === 'deals')!;
const deals: ModuleDefinition = {
	...standard,
	id: 'deals',
	kind: 'system',
	fields: standard.fields.map((field) => ({
		options: [],
		required: false,
		unique: false,
		origin: 'standard',
		readOnly: false,
		lookupModuleKey: null,
		...field
	}))
};
const today: Criteria = { field: 'createdAt', op: 'today' };

test('CRM-6: every operator fits some type of field', () => {
	const types = ['text', 'number', 'date', 'boolean', 'tags', 'user', 'lookup'] as const;
	expect(new Set(types.flatMap((type) => [...operatorsOf(type)]))).toEqual(new Set(criteriaOperators));
});

test.each([
	[{ field: 'amount', op: 'contains', value: '5' }, '/op'],
	[{ field: 'amount', op: 'gt', value: '5' }, '/value'],
	[{ field: 'closingDate', op: 'is', value: '2026-02-30' }, '/value'],
	[{ field: 'closingDate', op: 'gt', value: '0000-01-01' }, '/value'],
	[{ field: 'closingDate', op: 'lastDays', value: 0 }, '/value'],
	[{ field: 'stage', op: 'in', value: [] }, '/value'],
	[{ field: 'owner', op: 'is', value: 'Ada' }, '/value'],
	[{ field: 'gone', op: 'empty' }, '/field'],
	[{ all: [{ field: 'stage', op: 'is', value: 'X' }, { any: [] }] }, '/all/1'],
	[{ all: [{ any: [{ field: 'stage', op: 'isTrue' }] }] }, '/all/0/any/0/op']
] as [Criteria, string][])('CRM-6: %j has its problem at %s', (criteria, pointer) => {
	expect(checkCriteria(criteria, deals)).toMatchObject([{ pointer }]);
});

test('CRM-6: an audience may not ask for the current user, anybody else may', () => {
	const mine: Criteria = { all: [{ field: 'owner', op: 'currentUser' }] };
	expect(checkCriteria(mine, deals)).toEqual([]);
	expect(checkCriteria(mine, deals, { audience: true })).toMatchObject([{ code: 'currentUser' }]);
	expect(usesCurrentUser(mine)).toBe(true);
});

test('ENR-2: relative dates flip at the next midnight of the organization, absolute ones never', () => {
	const now = new Date('2026-03-08T04:30:00Z'); // 23:30 in New York
	expect(nextFlipAt({ any: [today] }, now, 'America/New_York')?.toISOString()).toBe(
		'2026-03-08T05:00:00.000Z'
	);
	expect(nextFlipAt(today, now, 'Asia/Kolkata')?.toISOString()).toBe('2026-03-08T18:30:00.000Z');
	const absolute: Criteria = { field: 'closingDate', op: 'lt', value: '2026-01-01' };
	expect(isTimeRelative(absolute)).toBe(false);
	expect(nextFlipAt(absolute, now, 'UTC')).toBeNull();
});

test('CRM-6: criteria read as a sentence', () => {
	const criteria: Criteria = {
		all: [
			{ field: 'stage', op: 'is', value: 'Closed Won' },
			{
				any: [{ field: 'amount', op: 'gte', value: 5000 }, { field: 'owner', op: 'is', value: 'u1' }, today]
			},
			{ field: 'closingDate', op: 'beforeToday', value: -3 }
		]
	};
	expect(describeCriteria(criteria, deals, { names: { u1: 'Ada' } })).toBe(
		'Stage is "Closed Won" and (Amount is at least 5000 or Owner is Ada or Created at is today) ' +
			'and Closing Date is before 3 days before today'
	);
	expect(describeCriteria({ all: [] }, deals)).toBe('every deal');
});
