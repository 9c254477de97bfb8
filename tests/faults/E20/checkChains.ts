import { addDelay } from '../../../src/lib/domain/time/addDelay.ts';
import type { Delay } from '../../../src/lib/domain/time/delay.ts';
import { calendarOf } from './checkTimes.ts';
import { fullWeek } from './cases.ts';
import { zones } from './zones.ts';

const steps = 400;
const times = ['00:00', '00:30', '01:30', '02:00', '02:30', '03:15', '12:00', '23:45'];

/**
 * E20: day after day for more than a year, each delay started where the last one ended: never two on one calendar day of
 * the zone, and none left out, as `Intl` tells the date.
 */
export function checkChains(): { chains: number; failures: string[] } {
	const failures: string[] = [];
	let chains = 0;
	for (const zone of zones)
		for (const at of times) {
			const delay: Delay = { amount: 1, unit: 'days', at };
			const calendar = calendarOf({ org: zone, hours: fullWeek, holidays: [] });
			const date = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
			const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' });
			let now = addDelay(Date.UTC(2026, 0, 1), delay, zone, calendar);
			chains++;
			for (let n = 0; n < steps; n++) {
				const next = addDelay(now, delay, zone, calendar);
				const days = (Date.parse(date.format(next)) - Date.parse(date.format(now))) / 86_400_000;
				// A gap moves a time forward, over midnight too; a day later that day's own time is over already.
				const kept = clock.format(now) === at && clock.format(next) === at;
				if (days < 1 || days > (kept ? 1 : 2))
					failures.push(`${zone} ${at}: ${days} days from ${new Date(now).toISOString()}`);
				now = next;
			}
		}
	return { chains, failures };
}
