import { assertNever } from '../errors.ts';
import { addBusinessDays, addBusinessTime, isBusinessDay } from './businessTime.ts';
import type { Calendar } from './calendar.ts';
import { dayUnits, type Delay } from './delay.ts';
import type { DueRule } from '../cadence/draft.ts';
import { fit } from './fit.ts';
import { DAY, dayOf, fromLocal, HOUR, isoDay, MINUTE, timeOfDay, toLocal, weekdayOf } from './zone.ts';

/**
 * GRA-5: when a branch is due that was started at `from` (epoch ms): the delay's step, then the first allowed
 * instant. `zone` is the record's, or the org's where the record has none. null when the delay can never end
 * (no business hours, a time outside its window): publish refuses such a delay.
 */
export function findDelayEnd(from: number, delay: Delay, zone: string, calendar: Calendar): number | null {
	const stepped = step(from, delay, zone, calendar);
	return stepped === null ? null : fitDelay(stepped, delay, zone, calendar);
}

/** As `findDelayEnd`; a delay that can never end (a calendar changed after publish) ends at once. */
export const addDelay = (from: number, delay: Delay, zone: string, calendar: Calendar): number =>
	findDelayEnd(from, delay, zone, calendar) ?? step(from, delay, zone, calendar) ?? from;

/** GRA-5, ENR-9: only the second half: the first instant at or after `at` that the delay's conditions allow. */
export function fitDelay(at: number, delay: Delay, zone: string, calendar: Calendar): number | null {
	const { at: time, weekdays, window } = delay;
	const byDay = isByDay(delay);
	// The hot path: most delays are bare, and most organizations have no holiday near.
	if (!time && !weekdays && !window && (!byDay || calendar.holidays.size === 0)) return at;
	// Holidays hold back what is reckoned in days or confined to some of them; "2 hours" stays 2 hours.
	const avoidHolidays = byDay || weekdays !== undefined || window !== undefined;
	const fixed = time && dayUnits.includes(delay.unit) ? { at: time } : {};
	return fit(
		at,
		{ ...fixed, ...(weekdays && { weekdays }), ...(window && { window }), avoidHolidays },
		zone,
		calendar
	);
}

const isByDay = ({ unit }: Delay) => dayUnits.includes(unit) || unit === 'businessHours';

/** ENR-9: whether what is left of a delay is plain time that has to fit nowhere: `fitDelay` leaves it as it is. */
export const isBareDelay = (delay: Delay, calendar: Calendar): boolean =>
	!delay.at &&
	!delay.weekdays &&
	!delay.window &&
	delay.unit !== 'businessHours' &&
	delay.unit !== 'businessDays' &&
	(!isByDay(delay) || calendar.holidays.size === 0);

function step(from: number, delay: Delay, zone: string, calendar: Calendar): number | null {
	switch (delay.unit) {
		case 'immediately':
			return from;
		case 'minutes':
			return from + delay.amount * MINUTE;
		case 'hours':
			return from + delay.amount * HOUR;
		case 'businessHours':
			return addBusinessTime(from, delay.amount * HOUR, calendar);
		case 'days':
			return fromLocal(zone, toLocal(zone, from) + delay.amount * DAY);
		case 'businessDays':
			return addBusinessDays(from, delay.amount, calendar);
		case 'weeks':
			return fromLocal(zone, toLocal(zone, from) + delay.amount * 7 * DAY);
		case 'months':
			return fromLocal(zone, addMonths(toLocal(zone, from), delay.amount));
		default:
			return assertNever(delay.unit);
	}
}

/** The same day and time n months later; a day that the month does not have is its last one. */
function addMonths(local: number, amount: number): number {
	const date = new Date(local);
	const month = date.getUTCMonth() + amount;
	const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
	const day = Math.min(date.getUTCDate(), lastDay);
	return Date.UTC(date.getUTCFullYear(), month, day) + (local - dayOf(local) * DAY);
}

/**
 * GRA-8: when a task is due or a call starts: N days after the day of execution, at a time of day; the next such day
 * when that has passed already. Business days are the organization's working days on the record's calendar.
 */
export function dueRuleAt(from: number, rule: DueRule, zone: string, calendar: Calendar): number {
	const time = timeOfDay(rule.at);
	const business = rule.unit === 'businessDays';
	const open = (day: number) =>
		!business ||
		isBusinessDay(day, calendar) ||
		// An organization that is never open still gets its tasks.
		(!calendar.holidays.has(isoDay(day)) &&
			!Object.keys(calendar.businessHours).length &&
			weekdayOf(day) < 6);
	let day = dayOf(toLocal(zone, from));
	for (let left = rule.amount; left > 0;) if (open(++day)) left--;
	for (let tries = 0; tries < 400; tries++, day++) {
		const due = fromLocal(zone, day * DAY + time);
		if (due >= from && open(day)) return due;
	}
	return from;
}
