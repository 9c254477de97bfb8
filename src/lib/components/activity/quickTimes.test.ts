import { expect, test } from 'vitest';
import { quickTimes } from './quickTimes.ts';

const at = (now: string, zone: string) =>
	Object.fromEntries(quickTimes(new Date(now), zone).map(({ label, at }) => [label, at]));

test('CRM-9: quick times go by the viewer’s clock, also over a night of summer time', () => {
	// A Monday evening in New York; the next Monday is a week off.
	expect(at('2026-11-24T01:30:00Z', 'America/New_York')).toEqual({
		'In an hour': '2026-11-24T02:30:00.000Z',
		'Tomorrow at 9:00': '2026-11-24T14:00:00.000Z',
		'Monday at 9:00': '2026-11-30T14:00:00.000Z'
	});
	// Saturday before the clocks go back: 9:00 is an hour later in UTC, and there is one Monday only.
	expect(at('2026-10-24T12:00:00Z', 'Europe/Berlin')).toMatchObject({
		'Tomorrow at 9:00': '2026-10-25T08:00:00.000Z',
		'Monday at 9:00': '2026-10-26T08:00:00.000Z'
	});
	expect(Object.keys(at('2026-11-22T12:00:00Z', 'UTC'))).toEqual(['In an hour', 'Tomorrow at 9:00']);
});
