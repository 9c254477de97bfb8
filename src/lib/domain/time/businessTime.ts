import type { Calendar } from './calendar.ts';
import { DAY, dayOf, fromLocal, isoDay, timeOfDay, toLocal, weekdayOf } from './zone.ts';

/** 99 business days at one open day a week, with a year of holidays between. */
const maxDays = 1200;

const opening = (day: number, calendar: Calendar) =>
	calendar.holidays.has(isoDay(day))
		? undefined
		: calendar.businessHours[weekdayOf(day) as keyof Calendar['businessHours']];

/** GRA-5: whether the organization works on a day of its own calendar. */
export const isBusinessDay = (day: number, calendar: Calendar): boolean =>
	opening(day, calendar) !== undefined;

/** Opening and closing instants of an org day; null when closed. */
function openHours(day: number, calendar: Calendar): { from: number; until: number } | null {
	const hours = opening(day, calendar);
	if (!hours) return null;
	const from = fromLocal(calendar.orgTimeZone, day * DAY + timeOfDay(hours.from));
	const until = fromLocal(calendar.orgTimeZone, day * DAY + timeOfDay(hours.to));
	return until > from ? { from, until } : null;
}

/**
 * GRA-5: the first instant by which `amount` ms of business time have passed since `from`.
 * null when the organization is never open.
 */
export function addBusinessTime(from: number, amount: number, calendar: Calendar): number | null {
	if (amount <= 0) return from;
	let left = amount;
	const first = dayOf(toLocal(calendar.orgTimeZone, from));
	for (let day = first; day < first + maxDays; day++) {
		const open = openHours(day, calendar);
		if (!open || open.until <= from) continue;
		const start = Math.max(open.from, from);
		if (open.until - start >= left) return start + left;
		left -= open.until - start;
	}
	return null;
}

/** ENR-9: business ms between two instants (0 when `until` is not after `from`). */
export function businessTimeBetween(from: number, until: number, calendar: Calendar): number {
	let sum = 0;
	const first = dayOf(toLocal(calendar.orgTimeZone, from));
	const last = Math.min(dayOf(toLocal(calendar.orgTimeZone, until)), first + maxDays);
	for (let day = first; day <= last; day++) {
		const open = openHours(day, calendar);
		if (open) sum += Math.max(0, Math.min(open.until, until) - Math.max(open.from, from));
	}
	return sum;
}

/** GRA-5: the same org wall clock time `amount` business days later; null when there are none. */
export function addBusinessDays(from: number, amount: number, calendar: Calendar): number | null {
	const local = toLocal(calendar.orgTimeZone, from);
	const first = dayOf(local);
	let left = amount;
	for (let day = first + 1; day < first + maxDays; day++)
		if (isBusinessDay(day, calendar) && --left === 0)
			return fromLocal(calendar.orgTimeZone, local + (day - first) * DAY);
	return null;
}
