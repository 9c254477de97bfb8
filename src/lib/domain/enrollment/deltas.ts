import type { EventKind } from './events.ts';

/** Kinds that reports do not count. */
export const uncounted: ReadonlySet<EventKind> = new Set([
	'paused',
	'unpaused',
	'moved',
	'skippedTo'
] satisfies EventKind[]);

/** What a delta needs to know of an event. Days are `YYYY-MM-DD` of the organization. */
export type CountedEvent = {
	orgId: string;
	cadenceId: string;
	versionId: string;
	actionId: string | null;
	kind: EventKind;
	detail: string | null;
	first: boolean;
	machine: boolean;
	day: string;
	enrolledDay: string;
	/** For executed and skipped: the action's follow-up number, and the run's deepest one before. */
	followUp?: number | null;
	depthBefore?: number;
};

export type Delta = {
	orgId: string;
	cadenceId: string;
	versionId: string;
	actionId: string;
	/** An event kind, or `reached` (detail: follow-up number) for REP-3's funnel steps. */
	kind: EventKind | 'reached';
	detail: string;
	first: boolean;
	machine: boolean;
	day: string;
	enrolledDay: string;
	count: number;
};

type Key = Omit<Delta, 'count'>;

const isOf = (delta: Delta, key: Key): boolean =>
	delta.cadenceId === key.cadenceId &&
	delta.actionId === key.actionId &&
	delta.kind === key.kind &&
	delta.detail === key.detail &&
	delta.day === key.day &&
	delta.enrolledDay === key.enrolledDay &&
	delta.first === key.first &&
	delta.machine === key.machine &&
	delta.versionId === key.versionId &&
	delta.orgId === key.orgId;

/** Details are values of closed lists or picklists: free words never come in, so a line break separates. */
const keyOf = (key: Key): string =>
	`${key.orgId}\n${key.cadenceId}\n${key.versionId}\n${key.actionId}\n${key.kind}\n${key.first}\n${
		key.machine
	}\n${key.day}\n${key.enrolledDay}\n${key.detail}`;

/** How many of the latest sums are looked at before a key is made: events of a batch are much alike. */
const lately = 6;

/**
 * REP-3: the rows of `report_deltas` that one batch of events adds up to. An executed or skipped action that takes a
 * run deeper than before also yields `reached` for each follow-up number it passed, dated by that event.
 */
export function deltasOf(events: readonly CountedEvent[]): Delta[] {
	const sums: Delta[] = [];
	const byKey = new Map<string, Delta>();
	const add = (key: Key) => {
		for (let i = sums.length - 1; i >= 0 && i >= sums.length - lately; i--)
			if (isOf(sums[i]!, key)) return void sums[i]!.count++;
		const text = keyOf(key);
		const known = byKey.get(text);
		if (known) return void known.count++;
		const sum = { ...key, count: 1 };
		sums.push(sum);
		byKey.set(text, sum);
	};
	for (const event of events) {
		if (uncounted.has(event.kind)) continue;
		const { orgId, cadenceId, versionId, kind, first, machine, day, enrolledDay } = event;
		const actionId = event.actionId ?? '';
		const detail = event.detail ?? '';
		add({ orgId, cadenceId, versionId, actionId, kind, detail, first, machine, day, enrolledDay });
		if (kind !== 'executed' && kind !== 'skipped') continue;
		for (let n = (event.depthBefore ?? 0) + 1; n <= (event.followUp ?? 0); n++)
			add({
				orgId,
				cadenceId,
				versionId,
				actionId: '',
				kind: 'reached',
				detail: String(n),
				first: true,
				machine,
				day,
				enrolledDay
			});
	}
	return sums;
}
