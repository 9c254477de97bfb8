import { expect, test } from 'vitest';
import { taskSummary } from './taskSummary.ts';

test('ENR-1: the result of bulk work in words', () => {
	expect(taskSummary({ enrolled: 4469, skipped: { converted: 5, already_enrolled: 7 } })).toBe(
		'4,469 enrolled, 12 skipped'
	);
	expect(taskSummary({ enrolled: 0, skipped: {} })).toBe('0 enrolled');
	expect(taskSummary({ unenrolled: 1 })).toBe('1 un-enrolled');
	expect(taskSummary(null)).toBeNull();
	expect(taskSummary({})).toBeNull();
});
