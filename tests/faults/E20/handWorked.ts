import { readFileSync } from 'node:fs';
import { addDelay } from '../../../src/lib/domain/time/addDelay.ts';
import { delayUnits, type Delay } from '../../../src/lib/domain/time/delay.ts';
import { calendarOf } from './checkTimes.ts';
import { fullWeek } from './cases.ts';

/** `3 days at 09:00 on 1 3 within 09:00-17:00`. */
function readDelay(text: string): Delay {
	const parts = /^(\d+) (\w+)(?: at ([\d:]+))?(?: on (\d(?: \d)*))?(?: within ([\d:]+)-([\d:]+))?$/.exec(
		text
	);
	const unit = delayUnits.find((one) => one === parts?.[2]);
	if (!parts || !unit) throw new Error(`Not a delay: ${text}`);
	const [, amount, , at, weekdays, from, to] = parts;
	return {
		amount: Number(amount),
		unit,
		...(at && { at }),
		...(weekdays && { weekdays: weekdays.split(' ').map(Number) }),
		...(from && to && { window: { from, to } })
	};
}

/** The rows of handWorked.csv: found with paper and the zones' published rules, never by running anything. */
export function checkHandWorked(): { rows: number; failures: string[] } {
	const text = readFileSync(new URL('handWorked.csv', import.meta.url), 'utf8');
	const lines = text.trim().split('\n').slice(1);
	const failures: string[] = [];
	for (const line of lines) {
		const [zone, from, delay, org, holidays, due] = line.split(',') as [
			string,
			string,
			string,
			string,
			string,
			string
		];
		const calendar = calendarOf({ org, hours: fullWeek, holidays: holidays.split(' ').filter(Boolean) });
		const got = addDelay(Date.parse(from), readDelay(delay), zone, calendar);
		if (got !== Date.parse(due)) failures.push(`${new Date(got).toISOString()} instead of: ${line}`);
	}
	return { rows: lines.length, failures };
}
