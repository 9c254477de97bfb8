import { expect, test } from 'vitest';
import type { ImportColumn } from '#lib/domain/crm/importMapping.ts';
import { optionsOf } from './mappedFields.ts';

const column: ImportColumn = {
	index: 0,
	header: 'Trade',
	samples: ['constructor'],
	blanks: 0,
	values: ['constructor', 'n/a', 'mason'].map((value) => ({ value, count: 1 })),
	guess: 'picklist'
};

test('CRM-4: any word of a file is a value, also one that every object of the language knows', () => {
	expect(optionsOf(column, 'picklist', { 'n/a': '', mason: 'Mason' })).toEqual(['constructor', 'Mason']);
	expect(optionsOf(column, 'multiPicklist', {})).toEqual(['constructor', 'n/a', 'mason']);
});
