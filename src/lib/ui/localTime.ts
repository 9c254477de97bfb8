/** What the zone's wall clock shows at an instant, as `YYYY-MM-DDTHH:MM` (the value of a datetime-local input). */
export function toLocalInput(iso: string, timeZone: string): string {
	const at = new Date(iso);
	if (Number.isNaN(at.getTime())) return '';
	const parts = new Intl.DateTimeFormat('en-CA', {
		timeZone,
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
		hour: '2-digit',
		minute: '2-digit',
		hourCycle: 'h23'
	}).formatToParts(at);
	const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? '00';
	return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** The instant at which the zone's wall clock shows `local`; in a gap, the first one after it. */
export function fromLocalInput(local: string, timeZone: string): string | null {
	if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(local)) return null;
	const wanted = Date.parse(`${local}:00Z`);
	if (Number.isNaN(wanted)) return null;
	let guess = wanted;
	// Two rounds settle the offset, also across a change of summer time.
	for (let round = 0; round < 2; round++) {
		const shown = Date.parse(`${toLocalInput(new Date(guess).toISOString(), timeZone)}:00Z`);
		guess += wanted - shown;
	}
	return new Date(guess).toISOString();
}
