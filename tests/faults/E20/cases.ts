import type { Delay } from '../../../src/lib/domain/time/delay.ts';
import type { TimeCase } from './oracle.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const day = { from: '09:00', to: '17:00' };
export const fullWeek = { 1: day, 2: day, 3: day, 4: day, 5: day };
/** Half a Saturday, a late Thursday, and a Sunday that is open when the clocks change. */
const oddWeek = {
	1: { from: '08:30', to: '12:15' },
	4: { from: '11:00', to: '20:00' },
	6: { from: '09:00', to: '13:00' },
	7: { from: '01:15', to: '06:45' }
};

const morning = { from: '09:00', to: '12:30' };
const night = { from: '22:00', to: '03:15' };
const early = { from: '01:30', to: '04:00' };
const d = (amount: number, unit: Delay['unit'], more: Partial<Delay> = {}): Delay => ({
	amount,
	unit,
	...more
});

/** Every unit bare and with each of its conditions. */
const delays: Delay[] = [
	d(1, 'immediately'),
	d(1, 'immediately', { window: morning }),
	d(1, 'immediately', { weekdays: [1, 3, 5] }),
	d(1, 'minutes'),
	d(45, 'minutes'),
	d(99, 'minutes'),
	d(30, 'minutes', { window: night }),
	d(1, 'hours'),
	d(7, 'hours'),
	d(25, 'hours'),
	d(99, 'hours'),
	d(3, 'hours', { weekdays: [2, 4] }),
	d(5, 'hours', { window: early }),
	d(5, 'hours', { window: morning, weekdays: [1, 2, 3, 4, 5] }),
	d(1, 'businessHours'),
	d(9, 'businessHours'),
	d(40, 'businessHours'),
	d(3, 'businessHours', { window: morning }),
	d(5, 'businessHours', { weekdays: [6, 7] }),
	d(1, 'days'),
	d(2, 'days'),
	d(7, 'days'),
	d(99, 'days'),
	d(1, 'days', { at: '00:00' }),
	d(1, 'days', { at: '00:30' }),
	d(1, 'days', { at: '01:30' }),
	d(1, 'days', { at: '02:00' }),
	d(1, 'days', { at: '02:30' }),
	d(1, 'days', { at: '03:00' }),
	d(1, 'days', { at: '09:00' }),
	d(3, 'days', { at: '23:59' }),
	d(1, 'days', { at: '02:15', weekdays: [7, 1] }),
	d(2, 'days', { weekdays: [1, 2, 3, 4, 5] }),
	d(1, 'days', { window: early }),
	d(1, 'days', { window: night }),
	d(1, 'days', { window: { from: '02:10', to: '02:50' } }),
	d(1, 'days', { window: { from: '00:00', to: '00:40' } }),
	d(1, 'days', { window: { from: '08:00', to: '08:00' } }),
	d(2, 'days', { window: morning, weekdays: [2, 7] }),
	d(1, 'days', { at: '02:30', window: early }),
	d(1, 'businessDays'),
	d(3, 'businessDays'),
	d(20, 'businessDays'),
	d(2, 'businessDays', { at: '02:30' }),
	d(1, 'businessDays', { window: morning }),
	d(1, 'weeks'),
	d(4, 'weeks', { at: '01:15' }),
	d(1, 'weeks', { weekdays: [7] }),
	d(1, 'months'),
	d(6, 'months'),
	d(12, 'months', { at: '02:30' }),
	d(1, 'months', { window: night, weekdays: [6, 7] }),
	d(99, 'months')
];

const roughly: Record<Delay['unit'], number> = {
	immediately: 0,
	minutes: MINUTE,
	hours: HOUR,
	businessHours: 4.2 * HOUR,
	days: DAY,
	businessDays: 1.4 * DAY,
	weeks: 7 * DAY,
	months: 30.44 * DAY
};

/** Around the change: minutes and hours before and after it, and whole days off. */
const offsets = [
	-75, -51, -49, -26, -25, -24.5, -24, -23.75, -23, -13, -6.5, -3, -2, -1.25, -1, -0.5, 0, 0.25, 0.75, 1, 1.5,
	2.25, 3, 9, 22.5, 30
].map((hours) => hours * HOUR);

const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Delays that would end near each change of the clocks, with three kinds of organization. */
export function timeCases(
	transitions: readonly { zone: string; at: number }[],
	pick: (n: number) => boolean = () => true
): TimeCase[] {
	const cases: TimeCase[] = [];
	let n = 0;
	const add = (zone: string, from: number, delay: Delay, holidays: string[]) => {
		const kind = n++ % 3;
		if (!pick(n)) return;
		cases.push({
			i: cases.length,
			zone,
			org: kind === 0 ? zone : kind === 1 ? 'America/New_York' : 'Asia/Kathmandu',
			from: new Date(from).toISOString(),
			amount: delay.amount,
			unit: delay.unit,
			at: delay.at ?? null,
			weekdays: delay.weekdays ?? null,
			since: delay.window?.from ?? null,
			upto: delay.window?.to ?? null,
			holidays: kind === 1 ? [] : holidays,
			hours: kind === 2 ? oddWeek : fullWeek
		});
	};
	for (const { zone, at } of transitions) {
		const holidays = [0, 1, 4].map((days) => dateOf(at + days * DAY));
		for (const delay of delays)
			for (const offset of offsets)
				add(zone, at - delay.amount * roughly[delay.unit] + offset, delay, holidays);
	}
	const zones = [...new Set(transitions.map(({ zone }) => zone))];
	for (const zone of zones)
		for (let month = 0; month < 14; month++)
			for (const dayOfMonth of [-2, -1, 0, 1])
				for (const amount of [1, 2, 13])
					add(zone, Date.UTC(2027, month, dayOfMonth, 2, 30), d(amount, 'months'), []);
	return cases;
}

export const delayOf = (one: TimeCase): Delay => ({
	amount: one.amount,
	unit: one.unit as Delay['unit'],
	...(one.at !== null && { at: one.at }),
	...(one.weekdays && { weekdays: one.weekdays }),
	...(one.since !== null && one.upto !== null && { window: { from: one.since, to: one.upto } })
});
