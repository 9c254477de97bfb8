const formats = new Map<string, Intl.DateTimeFormat>();

/** An instant as the record's own wall clock shows it: `Mon, Mar 2, 2026, 9:00 AM`. */
export function recordTime(at: number, timeZone: string): string {
	let format = formats.get(timeZone);
	if (!format) {
		format = new Intl.DateTimeFormat('en-US', {
			weekday: 'short',
			month: 'short',
			day: 'numeric',
			year: 'numeric',
			hour: 'numeric',
			minute: '2-digit',
			timeZone
		});
		formats.set(timeZone, format);
	}
	return format.format(at);
}
