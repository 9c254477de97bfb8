/** How people read time: relative first, exact on hover, always in the viewer's own zone. */
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const steps: readonly [limit: number, unit: Intl.RelativeTimeFormatUnit, size: number][] = [
	[hour, 'minute', minute],
	[day, 'hour', hour],
	[14 * day, 'day', day],
	[60 * day, 'week', 7 * day],
	[365 * day, 'month', 30.44 * day],
	[Infinity, 'year', 365.25 * day]
];
const relative = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' });

export function relativeTime(at: Date, now: Date): string {
	const distance = at.getTime() - now.getTime();
	if (Math.abs(distance) < minute) return distance > 0 ? 'in a moment' : 'just now';
	for (const [limit, unit, size] of steps)
		if (Math.abs(distance) < limit) return relative.format(Math.trunc(distance / size), unit);
	return exactTime(at);
}

export const exactTime = (at: Date, timeZone?: string): string =>
	new Intl.DateTimeFormat('en-US', {
		dateStyle: 'medium',
		timeStyle: 'short',
		...(timeZone ? { timeZone } : {})
	}).format(at);

/** A calendar date (`2026-03-01`) has no zone: it must not move by a day on the way to the screen. */
export const calendarDate = (isoDate: string): string =>
	new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).format(
		new Date(`${isoDate.slice(0, 10)}T00:00:00Z`)
	);
