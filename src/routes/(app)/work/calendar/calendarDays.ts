const dayMs = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** `YYYY-MM-DD`, so many days on; days have no zone, and so no summer time. */
export const addDays = (day: string, days: number): string => iso(Date.parse(day) + days * dayMs);

const monday = (day: string): string => addDays(day, -((new Date(day).getUTCDay() + 6) % 7));

export type CalendarSpan = 'month' | 'week';

/** The weeks that a calendar shows around a day, Monday first: one, or all that touch its month. */
export function weeksOf(span: CalendarSpan, day: string): string[][] {
	const first = monday(span === 'week' ? day : `${day.slice(0, 7)}-01`);
	const weeks: string[][] = [];
	for (let start = first; ; start = addDays(start, 7)) {
		weeks.push([0, 1, 2, 3, 4, 5, 6].map((n) => addDays(start, n)));
		const next = addDays(start, 7);
		if (span === 'week' || next.slice(0, 7) > day.slice(0, 7)) return weeks;
	}
}

/** The same day of the next or previous month (its last one if that is shorter), or week. */
export function stepSpan(span: CalendarSpan, day: string, by: 1 | -1): string {
	if (span === 'week') return addDays(day, 7 * by);
	const [year = 0, month = 0, date = 1] = day.split('-').map(Number);
	const last = new Date(Date.UTC(year, month - 1 + by + 1, 0)).getUTCDate();
	return iso(Date.UTC(year, month - 1 + by, Math.min(date, last)));
}

/** Days that an arrow key goes; null for any other key. */
export const arrowDays = (key: string): number | null =>
	({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 })[key] ?? null;
