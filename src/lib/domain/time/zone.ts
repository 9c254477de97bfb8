import { Temporal } from 'temporal-polyfill';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A stretch of time in which a zone keeps one offset. */
type Segment = { from: number; until: number; offset: number };

type Zone = { segments: Segment[]; last: Segment };

/** null: not a zone. A run of the engine meets few zones and few transitions, so nothing is ever dropped. */
const zones = new Map<string, Zone | null>();

function segmentFrom(zone: string, at: number): Segment {
	// `previous` is strictly before, and a transition's own instant belongs to the new offset.
	const after = Temporal.Instant.fromEpochMilliseconds(at + 1).toZonedDateTimeISO(zone);
	const here = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
	return {
		from: after.getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity,
		until: here.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
		offset: here.offsetNanoseconds / 1e6
	};
}

function zoneOf(zone: string, at: number): Zone | null {
	const known = zones.get(zone);
	if (known !== undefined) return known;
	let made: Zone | null = null;
	try {
		const first = segmentFrom(zone, at);
		made = { segments: [first], last: first };
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
	}
	zones.set(zone, made);
	return made;
}

/** Whether this machine's time zone data has the name. */
export const isTimeZone = (zone: string): boolean => zoneOf(zone, 0) !== null;

/**
 * Offset from UTC in ms at an instant. Asking Temporal costs some 5 us; the engine asks tens of thousands of times a
 * second, and the answer changes twice a year, so each zone keeps the stretches it has seen.
 */
function offsetAt(zone: string, at: number): number {
	const entry = zoneOf(zone, at);
	if (!entry) throw new RangeError(`Unknown time zone: ${zone}`);
	const { last } = entry;
	if (at >= last.from && at < last.until) return last.offset;
	let segment = entry.segments.find((one) => at >= one.from && at < one.until);
	if (!segment) entry.segments.push((segment = segmentFrom(zone, at)));
	entry.last = segment;
	return segment.offset;
}

/** Wall clock as a number: the epoch ms at which UTC shows what the zone shows now. */
export const toLocal = (zone: string, at: number): number => at + offsetAt(zone, at);

/** GRA-5: the instant of a wall clock time, as Temporal `compatible`: gaps move forward, overlaps take the first. */
export function fromLocal(zone: string, local: number): number {
	const before = offsetAt(zone, local - DAY);
	const after = offsetAt(zone, local + DAY);
	if (before === after) return local - before;
	const first = local - before;
	if (offsetAt(zone, first) === before) return first;
	const second = local - after;
	return offsetAt(zone, second) === after ? second : first;
}

/** Days since 1970-01-01 of a wall clock. */
export const dayOf = (local: number): number => Math.floor(local / DAY);

/** ISO weekday of a day number: 1 = Monday. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

const isoDays = new Map<number, string>();

/** `YYYY-MM-DD` of a day number. */
export function isoDay(day: number): string {
	let text = isoDays.get(day);
	if (text === undefined) {
		text = new Date(day * DAY).toISOString().slice(0, 10);
		if (isoDays.size > 5000) isoDays.clear();
		isoDays.set(day, text);
	}
	return text;
}

/** The local date of an instant, `YYYY-MM-DD`. */
export const localDate = (zone: string, at: number): string => isoDay(dayOf(toLocal(zone, at)));

/** `09:30` in ms since midnight. */
export const timeOfDay = (text: string): number =>
	(Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))) * MINUTE;
