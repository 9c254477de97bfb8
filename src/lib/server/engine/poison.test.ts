import { expect, test } from 'vitest';
import { reasonOf } from './poison.ts';

test('RELIABILITY 2.6: a reason is cut to what the database takes: half a character would fail whatever sets a run aside', () => {
	expect(reasonOf(new Error('x'.repeat(499) + '🙂')).isWellFormed()).toBe(true);
	expect(reasonOf(new Error('outer', { cause: new Error('a NUL\0 inside') }))).toBe('a NUL inside');
	expect(reasonOf('x'.repeat(600))).toHaveLength(500);
});
