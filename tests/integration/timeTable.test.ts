import { inject } from 'vitest';
import { checkChains } from '../faults/E20/checkChains.ts';
import { checkTimes } from '../faults/E20/checkTimes.ts';
import { checkHandWorked } from '../faults/E20/handWorked.ts';
import { expect, test } from '../support/db.ts';

/** Short forms of E20; the campaign takes every case. */
test('E20, GRA-5: delays around every change of the clocks end when PostgreSQL says so', async () => {
	const { cases, zones, transitions, failures } = await checkTimes(inject('adminUrl'), 150);
	expect(failures).toEqual([]);
	expect({ zones, transitions }).toEqual({ zones: 40, transitions: 80 });
	expect(cases).toBeGreaterThan(700);
});

test('E20, GRA-5: the table worked out by hand', () => {
	const { rows, failures } = checkHandWorked();
	expect(failures).toEqual([]);
	expect(rows).toBeGreaterThanOrEqual(60);
});

test('E20, GRA-5: a daily delay comes once a day, whatever the clocks do', () => {
	const { chains, failures } = checkChains();
	expect(failures).toEqual([]);
	expect(chains).toBe(320);
});
