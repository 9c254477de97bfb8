import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDelay, dueRuleAt, findDelayEnd } from './addDelay.ts';
import { addBusinessTime, businessTimeBetween } from './businessTime.ts';
import { defaultBusinessHours, type Calendar } from './calendar.ts';
import { delayUnits, type Delay } from './delay.ts';
import { localDate, toLocal } from './zone.ts';

const calendarOf = (orgTimeZone: string, holidays: string[] = []): Calendar => ({
	orgTimeZone,
	businessHours: defaultBusinessHours,
	holidays: new Set(holidays)
});
const NY = 'America/New_York';
const berlin = 'Europe/Berlin';
type Row = [zone: string, from: string, delay: Delay, due: string, org?: Calendar];

const d = (amount: number, unit: Delay['unit'], more: Partial<Delay> = {}): Delay => ({
	amount,
	unit,
	...more
});

/** Worked out by hand from the zones' published rules, not by running the code. */
const rows: Row[] = [
	// Plain spans.
	['UTC', '2026-03-01T00:00:00Z', d(1, 'immediately'), '2026-03-01T00:00:00Z'],
	['UTC', '2026-03-01T00:00:00Z', d(1, 'minutes'), '2026-03-01T00:01:00Z'],
	['UTC', '2026-03-01T00:00:00Z', d(99, 'minutes'), '2026-03-01T01:39:00Z'],
	['UTC', '2026-03-01T23:30:00Z', d(5, 'hours'), '2026-03-02T04:30:00Z'],
	['UTC', '2026-02-28T12:00:00Z', d(1, 'days'), '2026-03-01T12:00:00Z'],
	['UTC', '2028-02-28T12:00:00Z', d(1, 'days'), '2028-02-29T12:00:00Z'],
	['UTC', '2026-12-31T12:00:00Z', d(1, 'weeks'), '2027-01-07T12:00:00Z'],
	// Month ends clamp.
	['UTC', '2026-01-31T10:00:00Z', d(1, 'months'), '2026-02-28T10:00:00Z'],
	['UTC', '2028-01-31T10:00:00Z', d(1, 'months'), '2028-02-29T10:00:00Z'],
	['UTC', '2026-01-31T10:00:00Z', d(2, 'months'), '2026-03-31T10:00:00Z'],
	['UTC', '2026-03-31T10:00:00Z', d(1, 'months'), '2026-04-30T10:00:00Z'],
	['UTC', '2026-10-15T10:00:00Z', d(5, 'months'), '2027-03-15T10:00:00Z'],
	['UTC', '2026-12-31T10:00:00Z', d(14, 'months'), '2028-02-29T10:00:00Z'],
	// New York springs forward on 2026-03-08 02:00 -> 03:00 (EST -5, EDT -4).
	[NY, '2026-03-07T14:00:00Z', d(1, 'days'), '2026-03-08T13:00:00Z'],
	[NY, '2026-03-07T07:30:00Z', d(1, 'days'), '2026-03-08T07:30:00Z'],
	[NY, '2026-03-07T06:30:00Z', d(1, 'days'), '2026-03-08T06:30:00Z'],
	[NY, '2026-03-07T08:30:00Z', d(1, 'days'), '2026-03-08T07:30:00Z'],
	[NY, '2026-03-01T14:00:00Z', d(1, 'weeks'), '2026-03-08T13:00:00Z'],
	[NY, '2026-02-08T14:00:00Z', d(1, 'months'), '2026-03-08T13:00:00Z'],
	[NY, '2026-03-08T06:30:00Z', d(1, 'hours'), '2026-03-08T07:30:00Z'],
	[NY, '2026-03-08T06:30:00Z', d(24, 'hours'), '2026-03-09T06:30:00Z'],
	// Falls back on 2026-11-01 02:00 -> 01:00: 01:30 exists twice, the first counts.
	[NY, '2026-10-31T05:30:00Z', d(1, 'days'), '2026-11-01T05:30:00Z'],
	[NY, '2026-10-31T13:00:00Z', d(1, 'days'), '2026-11-01T14:00:00Z'],
	[NY, '2026-11-01T05:30:00Z', d(1, 'days'), '2026-11-02T06:30:00Z'],
	[NY, '2026-11-01T06:30:00Z', d(1, 'days'), '2026-11-02T06:30:00Z'],
	[NY, '2026-11-01T05:30:00Z', d(1, 'hours'), '2026-11-01T06:30:00Z'],
	// Berlin: 2026-03-29 02:00 -> 03:00, 2026-10-25 03:00 -> 02:00.
	[berlin, '2026-03-28T01:30:00Z', d(1, 'days'), '2026-03-29T01:30:00Z'],
	[berlin, '2026-03-28T08:00:00Z', d(1, 'days'), '2026-03-29T07:00:00Z'],
	[berlin, '2026-10-24T00:30:00Z', d(1, 'days'), '2026-10-25T00:30:00Z'],
	[berlin, '2026-10-24T07:00:00Z', d(1, 'days'), '2026-10-25T08:00:00Z'],
	// Lord Howe moves by half an hour: 2026-10-04 02:00 (+10:30) -> 02:30 (+11).
	['Australia/Lord_Howe', '2026-10-02T15:45:00Z', d(1, 'days'), '2026-10-03T15:45:00Z'],
	['Australia/Lord_Howe', '2026-10-03T00:00:00Z', d(1, 'days'), '2026-10-03T23:30:00Z'],
	// Kathmandu is +05:45 all year; Apia skipped 2011-12-30 altogether.
	['Asia/Kathmandu', '2026-06-01T18:15:00Z', d(1, 'days', { at: '00:00' }), '2026-06-02T18:15:00Z'],
	['Pacific/Apia', '2011-12-29T20:00:00Z', d(1, 'days'), '2011-12-30T20:00:00Z'],
	// At HH:MM: the first such time at or after the step.
	['UTC', '2026-03-02T15:00:00Z', d(3, 'days', { at: '09:00' }), '2026-03-06T09:00:00Z'],
	['UTC', '2026-03-02T08:00:00Z', d(3, 'days', { at: '09:00' }), '2026-03-05T09:00:00Z'],
	['UTC', '2026-03-02T09:00:00Z', d(3, 'days', { at: '09:00' }), '2026-03-05T09:00:00Z'],
	[NY, '2026-03-06T14:00:00Z', d(1, 'days', { at: '02:30' }), '2026-03-08T07:30:00Z'],
	[NY, '2026-10-30T16:00:00Z', d(1, 'days', { at: '01:30' }), '2026-11-01T05:30:00Z'],
	[berlin, '2026-07-01T20:00:00Z', d(1, 'weeks', { at: '23:59' }), '2026-07-08T21:59:00Z'],
	// Weekdays. 2026-03-06 is a Friday.
	['UTC', '2026-03-06T10:00:00Z', d(1, 'days', { weekdays: [1, 2, 3, 4, 5] }), '2026-03-09T00:00:00Z'],
	['UTC', '2026-03-06T10:00:00Z', d(1, 'days', { at: '09:00', weekdays: [1] }), '2026-03-09T09:00:00Z'],
	['UTC', '2026-03-09T10:00:00Z', d(1, 'weeks', { at: '09:00', weekdays: [1] }), '2026-03-23T09:00:00Z'],
	['UTC', '2026-03-06T10:00:00Z', d(1, 'hours', { weekdays: [5] }), '2026-03-06T11:00:00Z'],
	['UTC', '2026-03-06T23:30:00Z', d(1, 'hours', { weekdays: [5] }), '2026-03-13T00:00:00Z'],
	// Windows.
	[
		'UTC',
		'2026-03-06T10:00:00Z',
		d(1, 'hours', { window: { from: '09:00', to: '17:00' } }),
		'2026-03-06T11:00:00Z'
	],
	[
		'UTC',
		'2026-03-06T16:30:00Z',
		d(1, 'hours', { window: { from: '09:00', to: '17:00' } }),
		'2026-03-07T09:00:00Z'
	],
	[
		'UTC',
		'2026-03-06T05:00:00Z',
		d(1, 'hours', { window: { from: '09:00', to: '17:00' } }),
		'2026-03-06T09:00:00Z'
	],
	[
		'UTC',
		'2026-03-06T16:00:00Z',
		d(1, 'hours', { window: { from: '09:00', to: '17:00' } }),
		'2026-03-07T09:00:00Z'
	],
	[
		'UTC',
		'2026-03-06T10:00:00Z',
		d(1, 'hours', { window: { from: '22:00', to: '06:00' } }),
		'2026-03-06T22:00:00Z'
	],
	[
		'UTC',
		'2026-03-06T04:00:00Z',
		d(1, 'hours', { window: { from: '22:00', to: '06:00' } }),
		'2026-03-06T05:00:00Z'
	],
	// Business days (Monday to Friday, the org's clock).
	['UTC', '2026-03-06T10:00:00Z', d(1, 'businessDays'), '2026-03-09T10:00:00Z'],
	['UTC', '2026-03-07T10:00:00Z', d(1, 'businessDays'), '2026-03-09T10:00:00Z'],
	['UTC', '2026-03-05T10:00:00Z', d(5, 'businessDays'), '2026-03-12T10:00:00Z'],
	[
		'UTC',
		'2026-03-06T10:00:00Z',
		d(1, 'businessDays'),
		'2026-03-10T10:00:00Z',
		calendarOf('UTC', ['2026-03-09'])
	],
	[NY, '2026-03-06T15:00:00Z', d(1, 'businessDays'), '2026-03-09T14:00:00Z', calendarOf(NY)],
	// Business hours, 09:00-17:00 of the org.
	['UTC', '2026-03-06T10:00:00Z', d(2, 'businessHours'), '2026-03-06T12:00:00Z'],
	['UTC', '2026-03-06T16:00:00Z', d(2, 'businessHours'), '2026-03-09T10:00:00Z'],
	['UTC', '2026-03-06T16:00:00Z', d(1, 'businessHours'), '2026-03-06T17:00:00Z'],
	['UTC', '2026-03-07T12:00:00Z', d(1, 'businessHours'), '2026-03-09T10:00:00Z'],
	['UTC', '2026-03-06T05:00:00Z', d(9, 'businessHours'), '2026-03-09T10:00:00Z'],
	[
		'UTC',
		'2026-03-06T16:00:00Z',
		d(2, 'businessHours'),
		'2026-03-10T10:00:00Z',
		calendarOf('UTC', ['2026-03-09'])
	],
	[berlin, '2026-03-06T21:00:00Z', d(2, 'businessHours'), '2026-03-09T14:00:00Z', calendarOf(NY)],
	// Holidays hold back what is reckoned in days, not "2 hours".
	[
		'UTC',
		'2026-12-24T10:00:00Z',
		d(1, 'days'),
		'2026-12-27T00:00:00Z',
		calendarOf('UTC', ['2026-12-25', '2026-12-26'])
	],
	[
		'UTC',
		'2026-12-24T10:00:00Z',
		d(1, 'days', { at: '09:00' }),
		'2026-12-27T09:00:00Z',
		calendarOf('UTC', ['2026-12-25', '2026-12-26'])
	],
	['UTC', '2026-12-24T23:00:00Z', d(2, 'hours'), '2026-12-25T01:00:00Z', calendarOf('UTC', ['2026-12-25'])]
];

describe('addDelay', () => {
	test.each(rows)('GRA-5: %s %s + %j = %s', (zone, from, delay, due, org) => {
		const end = addDelay(Date.parse(from), delay, zone, org ?? calendarOf('UTC'));
		expect(new Date(end).toISOString()).toBe(new Date(due).toISOString());
	});

	test('GRA-5: at least sixty rows are worked out by hand', () => {
		expect(rows.length).toBeGreaterThanOrEqual(60);
	});

	test('GRA-5: a delay that can never end is found out', () => {
		const closed: Calendar = { orgTimeZone: 'UTC', businessHours: {}, holidays: new Set() };
		expect(findDelayEnd(0, d(1, 'businessHours'), 'UTC', closed)).toBeNull();
		expect(findDelayEnd(0, d(1, 'businessDays'), 'UTC', closed)).toBeNull();
		const outside = d(1, 'days', { at: '08:00', window: { from: '09:00', to: '17:00' } });
		expect(findDelayEnd(0, outside, 'UTC', calendarOf('UTC'))).toBeNull();
	});

	const anyDelay = fc.record(
		{
			amount: fc.integer({ min: 1, max: 99 }),
			unit: fc.constantFrom(...delayUnits),
			at: fc.constantFrom('00:00', '02:30', '09:00', '23:59'),
			weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
			window: fc.constantFrom({ from: '09:00', to: '17:00' }, { from: '22:00', to: '06:00' })
		},
		{ requiredKeys: ['amount', 'unit'] }
	);
	const anyZone = fc.constantFrom(
		'UTC',
		NY,
		berlin,
		'Australia/Lord_Howe',
		'Asia/Kathmandu',
		'America/Sao_Paulo',
		'Pacific/Chatham'
	);
	const anyInstant = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2028, 0, 1) });

	test('GRA-5: never early, and what was asked for holds', () => {
		fc.assert(
			fc.property(anyInstant, anyDelay, anyZone, anyZone, (from, delay, zone, orgZone) => {
				const calendar = calendarOf(orgZone, ['2026-12-25']);
				const end = findDelayEnd(from, delay, zone, calendar);
				if (end === null) return;
				expect(end).toBeGreaterThanOrEqual(from);
				const local = new Date(toLocal(zone, end));
				if (delay.weekdays) expect(delay.weekdays).toContain(((local.getUTCDay() + 6) % 7) + 1);
				if (delay.weekdays || delay.window) expect(localDate(orgZone, end)).not.toBe('2026-12-25');
			}),
			{ numRuns: 3000 }
		);
	});

	test('ENR-9: business time between two instants is what adding it takes', () => {
		fc.assert(
			fc.property(anyInstant, fc.integer({ min: 1, max: 200 * 3_600_000 }), anyZone, (from, ms, zone) => {
				const calendar = calendarOf(zone, ['2026-12-25']);
				const end = addBusinessTime(from, ms, calendar)!;
				expect(businessTimeBetween(from, end, calendar)).toBe(ms);
			}),
			{ numRuns: 1000 }
		);
	});
});

describe('dueRuleAt', () => {
	const at = (from: string, amount: number, unit: 'days' | 'businessDays', time: string) =>
		new Date(dueRuleAt(Date.parse(from), { amount, unit, at: time }, 'UTC', calendarOf('UTC'))).toISOString();

	test('GRA-8: N days after the day of execution at a time, never in the past', () => {
		expect(at('2026-03-06T15:00:00Z', 1, 'days', '10:00')).toBe('2026-03-07T10:00:00.000Z');
		expect(at('2026-03-06T15:00:00Z', 1, 'businessDays', '10:00')).toBe('2026-03-09T10:00:00.000Z');
		expect(at('2026-03-06T15:00:00Z', 0, 'days', '10:00')).toBe('2026-03-07T10:00:00.000Z');
		expect(at('2026-03-06T08:00:00Z', 0, 'days', '10:00')).toBe('2026-03-06T10:00:00.000Z');
		expect(at('2026-03-07T08:00:00Z', 0, 'businessDays', '10:00')).toBe('2026-03-09T10:00:00.000Z');
	});
});
