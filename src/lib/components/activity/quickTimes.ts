import { fromLocalInput, toLocalInput } from '#lib/ui/localTime.ts';

const dayMs = 86_400_000;

/** When people mostly move things to: in an hour, tomorrow at nine, on Monday at nine, by the viewer's clock. */
export function quickTimes(now: Date, timeZone: string): { label: string; at: string }[] {
	const today = toLocalInput(now.toISOString(), timeZone).slice(0, 10);
	const nineIn = (days: number) =>
		fromLocalInput(
			`${new Date(Date.parse(today) + days * dayMs).toISOString().slice(0, 10)}T09:00`,
			timeZone
		);
	const untilMonday = (8 - new Date(today).getUTCDay()) % 7 || 7;
	const times = [
		{ label: 'In an hour', at: new Date(now.getTime() + 3_600_000).toISOString() },
		{ label: 'Tomorrow at 9:00', at: nineIn(1) },
		{ label: 'Monday at 9:00', at: nineIn(untilMonday) }
	];
	// On a Sunday tomorrow is Monday.
	return times.flatMap(({ label, at }, index) =>
		at && (index < 2 || at !== times[1]!.at) ? [{ label, at }] : []
	);
}
