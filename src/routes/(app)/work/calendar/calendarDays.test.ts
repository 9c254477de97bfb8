import { expect, test } from 'vitest';
import { addDays, arrowDays, stepSpan, weeksOf } from './calendarDays.ts';

test('CRM-9: a month is shown in whole weeks from Monday', () => {
	const november = weeksOf('month', '2026-11-23');
	expect([november.length, november[0]?.[0], november.at(-1)?.[6]]).toEqual([6, '2026-10-26', '2026-12-06']);
	// February 2027 begins on a Monday and ends on a Sunday.
	const february = weeksOf('month', '2027-02-10');
	expect([february.length, february[0]?.[0], february.at(-1)?.[6]]).toEqual([4, '2027-02-01', '2027-02-28']);
	// Around the turn of the year.
	expect(weeksOf('month', '2026-12-31').at(-1)?.[6]).toBe('2027-01-03');
	expect(weeksOf('week', '2026-11-29')).toEqual([
		['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29']
	]);
});

test('CRM-9: steps keep to the calendar', () => {
	expect(stepSpan('month', '2026-01-31', 1)).toBe('2026-02-28');
	expect(stepSpan('month', '2026-01-15', -1)).toBe('2025-12-15');
	expect(stepSpan('week', '2026-12-29', 1)).toBe('2027-01-05');
	expect(addDays('2026-10-24', 2)).toBe('2026-10-26');
	expect([arrowDays('ArrowUp'), arrowDays('x')]).toEqual([-7, null]);
});
