import { dayUnits, type Delay } from '#lib/domain/time/delay.ts';

const unitWords: Record<Exclude<Delay['unit'], 'immediately'>, [one: string, many: string]> = {
	minutes: ['minute', 'minutes'],
	hours: ['hour', 'hours'],
	businessHours: ['business hour', 'business hours'],
	days: ['day', 'days'],
	businessDays: ['business day', 'business days'],
	weeks: ['week', 'weeks'],
	months: ['month', 'months']
};
const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** `2 business days`. */
export function amountWords({ amount, unit }: Pick<Delay, 'amount' | 'unit'>): string {
	if (unit === 'immediately') return 'immediately';
	return `${amount} ${unitWords[unit][amount === 1 ? 0 : 1]}`;
}

/** `Mon–Fri`, `Mon, Wed`: runs of three and more are joined. */
export function weekdayWords(weekdays: readonly number[]): string {
	const days = [...new Set(weekdays)].sort((a, b) => a - b);
	const parts: string[] = [];
	for (let index = 0; index < days.length;) {
		let end = index;
		while (days[end + 1] === (days[end] ?? 0) + 1) end++;
		const name = (at: number) => weekdayNames[(days[at] ?? 1) - 1] ?? '';
		if (end - index >= 2) parts.push(`${name(index)}–${name(end)}`);
		else for (let at = index; at <= end; at++) parts.push(name(at));
		index = end + 1;
	}
	return parts.join(', ');
}

/** A delay on a branch: `after 2 business days at 09:30, Mon–Fri`. A negative branch waits `for 3 days`. */
export function delayWords(delay: Delay, negative = false): string {
	const parts = [
		delay.unit === 'immediately'
			? negative
				? 'at once'
				: 'immediately'
			: `${negative ? 'within' : 'after'} ${amountWords(delay)}`
	];
	if (delay.at && dayUnits.includes(delay.unit)) parts[0] += ` at ${delay.at}`;
	if (delay.weekdays && delay.weekdays.length < 7) parts.push(weekdayWords(delay.weekdays));
	if (delay.window) parts.push(`${delay.window.from}–${delay.window.to}`);
	return parts.join(', ');
}
