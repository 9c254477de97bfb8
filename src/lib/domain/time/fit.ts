import type { Calendar } from './calendar.ts';
import type { Delay } from './delay.ts';
import { DAY, dayOf, fromLocal, isoDay, timeOfDay, toLocal, weekdayOf } from './zone.ts';

/** What narrows the allowed instants. Window and weekdays are the record's wall clock, holidays the org's. */
export type Constraints = Pick<Delay, 'at' | 'weekdays' | 'window'> & { avoidHolidays?: boolean };

const searchDays = 366;

/**
 * GRA-5: the first allowed instant at or after `at`; null when the next 366 days have none (a publish error).
 * A window whose end is before its start goes over midnight; one that ends where it starts is the whole day.
 */
export function fit(at: number, constraints: Constraints, zone: string, calendar: Calendar): number | null {
	const holidays = constraints.avoidHolidays && calendar.holidays.size > 0;
	if (!constraints.at && !constraints.weekdays && !constraints.window && !holidays) return at;
	const today = dayOf(toLocal(zone, at));
	// From yesterday on: a gap over midnight moves yesterday's late hours into today.
	for (let day = today - 1; day <= today + searchDays; day++) {
		if (constraints.weekdays && !constraints.weekdays.includes(weekdayOf(day))) continue;
		const found = constraints.at
			? fixedTime(at, day, constraints.at, constraints, zone, calendar)
			: insideWindow(at, day, constraints, zone, calendar);
		if (found !== null) return found;
	}
	return null;
}

function fixedTime(
	at: number,
	day: number,
	time: string,
	constraints: Constraints,
	zone: string,
	calendar: Calendar
): number | null {
	const offset = timeOfDay(time);
	if (!spansOf(constraints).some((span) => offset >= span.from && offset < span.until)) return null;
	const candidate = fromLocal(zone, day * DAY + offset);
	return candidate < at || (constraints.avoidHolidays && isHoliday(candidate, calendar)) ? null : candidate;
}

function insideWindow(
	at: number,
	day: number,
	constraints: Constraints,
	zone: string,
	calendar: Calendar
): number | null {
	for (const span of spansOf(constraints)) {
		const until = fromLocal(zone, day * DAY + span.until);
		let candidate = Math.max(at, fromLocal(zone, day * DAY + span.from));
		while (constraints.avoidHolidays && candidate < until && isHoliday(candidate, calendar))
			candidate = nextOrgDay(candidate, calendar);
		if (candidate < until) return candidate;
	}
	return null;
}

/** Allowed stretches of a local day, in order. */
function spansOf({ window }: Constraints): { from: number; until: number }[] {
	if (!window) return [{ from: 0, until: DAY }];
	const from = timeOfDay(window.from);
	const until = timeOfDay(window.to);
	if (from < until) return [{ from, until }];
	return from === until
		? [{ from: 0, until: DAY }]
		: [
				{ from: 0, until },
				{ from, until: DAY }
			];
}

const isHoliday = (at: number, calendar: Calendar) =>
	calendar.holidays.has(isoDay(dayOf(toLocal(calendar.orgTimeZone, at))));

const nextOrgDay = (at: number, calendar: Calendar) =>
	fromLocal(calendar.orgTimeZone, (dayOf(toLocal(calendar.orgTimeZone, at)) + 1) * DAY);
