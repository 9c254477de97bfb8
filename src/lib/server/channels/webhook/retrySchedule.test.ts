import { expect, test } from 'vitest';
import { isRefusal, nextTryMinutes } from './retrySchedule.ts';

test('GRA-8: a webhook is tried again after 1, 5, 15 minutes, 1 and 4 hours, until 24 hours after the first try', () => {
	const waits: number[] = [];
	let since = 0;
	for (let attempt = 1; ; attempt++) {
		const wait = nextTryMinutes(attempt, since, 0.5);
		if (wait === null) break;
		waits.push(wait);
		since += wait;
	}
	expect(waits).toEqual([1, 5, 15, 60, 240, 240, 240, 240, 240]);
	expect(since).toBeLessThanOrEqual(24 * 60);
	expect(nextTryMinutes(1, 0, 0)).toBeCloseTo(0.8);
	expect(nextTryMinutes(1, 0, 1)).toBeCloseTo(1.2);
});

test('GRA-6: answers that refuse for good, and those that may change', () => {
	expect([400, 401, 404, 410, 422].map(isRefusal)).toEqual([true, true, true, true, true]);
	expect([200, 301, 408, 429, 500, 503].map(isRefusal)).toEqual([false, false, false, false, false, false]);
});
