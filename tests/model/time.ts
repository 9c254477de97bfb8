import { Temporal } from 'temporal-polyfill';

/**
 * Time arithmetic of the model: walks the clock in steps and asks at each whether it may stop there. Slow, obvious, and
 * written from GRA-5 and ENR-9 alone.
 */
export type Wait = {
	amount: number;
	unit: string;
	at?: string | undefined;
	weekdays?: number[] | undefined;
	window?: { from: string; to: string } | undefined;
};
export type Office = {
	zone: string;
	hours: Record<string, { from: string; to: string }>;
	holidays: string[];
};

const minute = 60_000;
/** Every opening, window and time of the model's cadences lies on a quarter of an hour. */
const quarter = 15 * minute;
const dayUnits = ['days', 'businessDays', 'weeks', 'months'];

const clock = (at: number, zone: string) =>
	Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

type Face = { time: string; weekday: number; date: string };
const faces = new Map<string, Face>();

/** What a zone's clock shows; the quarters that walks come by again and again are remembered. */
function face(at: number, zone: string): Face {
	const key = at % quarter === 0 ? `${zone}/${at}` : null;
	const known = key === null ? undefined : faces.get(key);
	if (known) return known;
	const here = clock(at, zone);
	const made = {
		time: here.toPlainTime().toString().slice(0, 5),
		weekday: here.dayOfWeek,
		date: here.toPlainDate().toString()
	};
	if (key !== null) faces.set(key, made);
	return made;
}
const nextQuarter = (at: number) => Math.floor(at / quarter) * quarter + quarter;

function isOpen(at: number, office: Office): boolean {
	const now = face(at, office.zone);
	const hours = office.hours[now.weekday];
	if (!hours || office.holidays.includes(now.date)) return false;
	return now.time >= hours.from && now.time < hours.to;
}

/** Business ms between two instants. */
export function openBetween(from: number, until: number, office: Office): number {
	let sum = 0;
	for (let at = from; at < until; at = nextQuarter(at))
		if (isOpen(at, office)) sum += Math.min(nextQuarter(at), until) - at;
	return sum;
}

export function addOpen(from: number, amount: number, office: Office): number {
	let left = amount;
	for (let at = from; left > 0; at = nextQuarter(at)) {
		if (!isOpen(at, office)) continue;
		const stretch = nextQuarter(at) - at;
		if (stretch >= left) return at + left;
		left -= stretch;
	}
	return from;
}

function worksOn(day: Temporal.PlainDate, office: Office): boolean {
	return office.hours[day.dayOfWeek] !== undefined && !office.holidays.includes(day.toString());
}

function step(from: number, { amount, unit }: Wait, zone: string, office: Office): number {
	if (unit === 'immediately') return from;
	if (unit === 'minutes') return from + amount * minute;
	if (unit === 'hours') return from + amount * 60 * minute;
	if (unit === 'businessHours') return addOpen(from, amount * 60 * minute, office);
	if (unit === 'businessDays') {
		let day = clock(from, office.zone);
		for (let left = amount; left > 0;) {
			day = clock(from, office.zone).add({ days: 1 + daysBetween(from, day, office.zone) });
			if (worksOn(day.toPlainDate(), office)) left--;
		}
		return day.epochMilliseconds;
	}
	return clock(from, zone).add({ [unit]: amount }).epochMilliseconds;
}

const daysBetween = (from: number, day: Temporal.ZonedDateTime, zone: string) =>
	clock(from, zone).toPlainDate().until(day.toPlainDate()).days;

export const dateOf = (at: number, zone: string): string => clock(at, zone).toPlainDate().toString();

/** The first instant at or after `at` that the conditions of a delay allow. */
export function allow(at: number, wait: Wait, zone: string, office: Office): number {
	const fixed = dayUnits.includes(wait.unit) ? wait.at : undefined;
	const held =
		dayUnits.includes(wait.unit) ||
		wait.unit === 'businessHours' ||
		wait.weekdays !== undefined ||
		wait.window;
	const allowed = (when: number) => {
		const { time, weekday } = face(when, zone);
		if (fixed && (time !== fixed || when % minute !== 0)) return false;
		if (wait.weekdays && !wait.weekdays.includes(weekday)) return false;
		if (held && office.holidays.includes(face(when, office.zone).date)) return false;
		if (!wait.window) return true;
		const { from, to } = wait.window;
		return from < to ? time >= from && time < to : time >= from || time < to;
	};
	let when = at;
	while (!allowed(when)) when = nextQuarter(when);
	return when;
}

/** GRA-5: when a delay that starts at `from` is over. */
export const endOf = (from: number, wait: Wait, zone: string, office: Office): number =>
	allow(step(from, wait, zone, office), wait, zone, office);

/** GRA-8: N days after the day of execution, at a time; the next such day if that is over already. */
export function dueOn(
	from: number,
	rule: { amount: number; unit: string; at: string },
	zone: string,
	office: Office
): number {
	let day = clock(from, zone).toPlainDate();
	const open = (one: Temporal.PlainDate) => rule.unit === 'days' || worksOn(one, office);
	for (let left = rule.amount; left > 0;) {
		day = day.add({ days: 1 });
		if (open(day)) left--;
	}
	const at = () => day.toZonedDateTime({ timeZone: zone, plainTime: rule.at }).epochMilliseconds;
	while (at() < from || !open(day)) day = day.add({ days: 1 });
	return at();
}
