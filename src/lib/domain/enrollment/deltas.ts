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

/** Details are values of closed lists or picklists: free words never come in, so a line break separates. */
const keyOf = (delta: Delta): string =>
	`${delta.orgId}\n${delta.cadenceId}\n${delta.versionId}\n${delta.actionId}\n${delta.kind}\n${delta.first}\n${
		delta.machine
	}\n${delta.day}\n${delta.enrolledDay}\n${delta.detail}`;

/**
 * REP-3: the rows of `report_deltas` that one batch of events adds up to. An executed or skipped action that takes a
 * run deeper than before also yields `reached` for each follow-up number it passed, dated by that event.
 */
export function deltasOf(events: readonly CountedEvent[]): Delta[] {
	const sums = new Map<string, Delta>();
	const add = (delta: Delta) => {
		const key = keyOf(delta);
		const known = sums.get(key);
		if (known) known.count += delta.count;
		else sums.set(key, delta);
	};
	for (const event of events) {
		if (uncounted.has(event.kind)) continue;
		const { orgId, cadenceId, versionId, kind, first, machine, day, enrolledDay } = event;
		const scope = { orgId, cadenceId, versionId };
		const rest = { machine, day, enrolledDay, count: 1 };
		add({ ...scope, actionId: event.actionId ?? '', kind, detail: event.detail ?? '', first, ...rest });
		if (kind !== 'executed' && kind !== 'skipped') continue;
		for (let n = (event.depthBefore ?? 0) + 1; n <= (event.followUp ?? 0); n++)
			add({ ...scope, actionId: '', kind: 'reached', detail: String(n), first: true, ...rest });
	}
	return [...sums.values()];
}
