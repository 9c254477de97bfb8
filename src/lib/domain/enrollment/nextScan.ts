import type { DraftSettings } from '../cadence/draft.ts';
import type { Criteria } from '../criteria/criteria.ts';
import { nextFlipAt } from '../criteria/relativeTime.ts';
import { DAY, fromLocal, HOUR } from '../time/zone.ts';
import type { Instant } from './state.ts';

const unitMs = { hours: HOUR, days: DAY, weeks: 7 * DAY } as const;

const everyMs = (scan: NonNullable<DraftSettings['scan']>) => scan.amount * unitMs[scan.unit];

/** ENR-2: whether a time of the interval, counted from activation, lies between the last scan and `now`. */
export function isIntervalDue(
	scan: NonNullable<DraftSettings['scan']>,
	activatedAt: Instant | null,
	scannedAt: Instant,
	now: Instant
): boolean {
	const turn = (at: Instant) => Math.floor((at - (activatedAt ?? 0)) / everyMs(scan));
	return turn(now) > turn(scannedAt);
}

/**
 * ENR-2, UNE-1 (b): when a cadence must be looked at as a whole next, though nothing changed: its scan interval (counted
 * from activation), criteria that move with time, the un-enroll date. null: never.
 */
export function nextScanAt(
	cadence: {
		settings: Pick<DraftSettings, 'scan' | 'unenroll'>;
		viewCriteria: Criteria | null;
		activatedAt: Instant | null;
		orgTimeZone: string;
	},
	now: Instant
): Instant | null {
	const { scan, unenroll } = cadence.settings;
	const times: Instant[] = [];
	if (cadence.viewCriteria && scan && cadence.activatedAt !== null) {
		const every = everyMs(scan);
		times.push(cadence.activatedAt + every * (Math.floor((now - cadence.activatedAt) / every) + 1));
	}
	const watched = [
		...(cadence.viewCriteria && (!scan || unenroll.leavesView) ? [cadence.viewCriteria] : []),
		...(unenroll.criteria ? [unenroll.criteria] : [])
	];
	for (const criteria of watched) {
		const flip = nextFlipAt(criteria, new Date(now), cadence.orgTimeZone);
		if (flip) times.push(flip.getTime());
	}
	if (unenroll.onDate !== null) {
		const starts = fromLocal(cadence.orgTimeZone, Date.parse(`${unenroll.onDate}T00:00:00Z`));
		if (starts > now) times.push(starts);
	}
	return times.length ? Math.min(...times) : null;
}
