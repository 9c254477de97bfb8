import { dayUnits, type Delay, type TimeWindow } from '../time/delay.ts';
import type { BusinessHours } from '../time/calendar.ts';
import type { ViolationCode } from './violation.ts';

type Problem = { code: ViolationCode; message: string };

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Whether a time of day lies in a window; one that ends before it begins goes over midnight, one that
 * ends when it begins is the whole day (as in `fit`). */
function inWindow(time: string, window: TimeWindow): boolean {
	const [at, from, to] = [minutes(time), minutes(window.from), minutes(window.to)];
	if (from === to) return true;
	return from < to ? at >= from && at < to : at >= from || at < to;
}

/** Whether two windows share an instant of the day. */
const windowsMeet = (a: TimeWindow, b: TimeWindow): boolean => inWindow(a.from, b) || inWindow(b.from, a);

export type CadenceTimes = {
	/** The cadence's sending window and weekdays: they hold for the target when it is a message. */
	window: TimeWindow | null;
	weekdays: readonly number[] | null;
	businessHours: BusinessHours;
};

/** GRA-5: amount and unit, "at" only for units of a day or longer, and a fixed point of all that narrows it. */
export function checkDelay(delay: Delay, times: CadenceTimes): Problem[] {
	const found: Problem[] = [];
	const whole = Number.isInteger(delay.amount) && delay.amount >= 1 && delay.amount <= 99;
	if (delay.unit !== 'immediately' && !whole)
		found.push({ code: 'delay.range', message: 'A delay is a whole number from 1 to 99.' });
	if (delay.at !== undefined && !dayUnits.includes(delay.unit))
		found.push({
			code: 'delay.timeOfDay',
			message:
				'"At a time of day" needs a delay of days, weeks or months. Remove the time or change the unit.'
		});
	const problem = neverFits(delay, times);
	if (problem) found.push({ code: 'delay.neverFits', message: problem });
	return found;
}

/** The sentence why no instant within a year can satisfy all of it; null when one does. */
function neverFits(delay: Delay, times: CadenceTimes): string | null {
	const windows = [delay.window, times.window].filter((window) => window !== undefined && window !== null);
	if (windows.length === 2 && !windowsMeet(windows[0]!, windows[1]!))
		return 'The sending windows of the branch and of the cadence never overlap.';
	if (delay.at !== undefined && windows.some((window) => !inWindow(delay.at!, window)))
		return `${delay.at} is outside the sending window. Change the time or the window.`;
	const openDays = [1, 2, 3, 4, 5, 6, 7].filter((day) => times.businessHours[day as 1]);
	const business = delay.unit === 'businessDays' || delay.unit === 'businessHours';
	if (business && !openDays.length)
		return 'The organization has no business hours. Set them, or use plain hours.';
	const allowed = [1, 2, 3, 4, 5, 6, 7].filter(
		(day) => (delay.weekdays?.includes(day) ?? true) && (times.weekdays?.includes(day) ?? true)
	);
	if (!allowed.length) return 'The weekdays of the branch and of the cadence have no day in common.';
	if (delay.unit === 'businessDays' && !allowed.some((day) => openDays.includes(day)))
		return 'None of the allowed weekdays is a business day.';
	return null;
}
