import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import type { Facts, RelayAnswer } from './journeys.ts';
import type { Office } from './time.ts';

/** What came back, as the inbox holds it. */
export type Arrival = {
	runNo: number;
	actionId: string;
	kind: string;
	parameter?: string | undefined;
	at: number;
	machine?: boolean | undefined;
	/** With a failure: why. */
	reason?: string;
	/** The message was not sent after all (EXE-5). */
	skipped?: string;
};

export type Left = { ms: number; business: boolean } | 'full';

export type Race = {
	actionId: string;
	/** null: its message waits for its hand-over. */
	openedAt: number | null;
	skipped: boolean;
	/** First time of each response key. */
	came: Map<string, number>;
	timers: Map<string, number>;
	/** EXE-3 [+]: no end for want of a response before this (a pause prolongs the wait). */
	noEndBefore: number;
	/** Its last pause. */
	held: { from: number; until: number } | null;
};

export type ModelRun = {
	no: number;
	plan: Plan;
	status: 'active' | 'paused' | 'completed' | 'stopped' | 'failed';
	pausedBy: Set<string>;
	enrolledAt: number;
	entryDue: number | null;
	/** ENR-8: where a person sent it, and since when that is due. */
	sentTo: string | null;
	sentDue: number;
	/** ENR-8: when a person's pause ends by itself. */
	pausedUntil: number | null;
	race: Race | null;
	/** While paused. */
	frozen: { entry: Left | null; timers: Map<string, Left>; silence: number | null; since: number } | null;
	done: string[];
	reason: string | null;
	endedAt: number | null;
};

export type ModelMessage = {
	runNo: number;
	actionId: string;
	channel: 'email' | 'whatsapp' | 'webhook';
	status: 'queued' | 'sent' | 'unknown' | 'failed' | 'cancelled';
	notBefore: number;
	wait: string | null;
	sentAt: number | null;
	/** VER-4, REE-4: made anew, it may have nobody to go to, or to come from. */
	lacks: 'missing_address' | 'sender_gone' | null;
};
export type ModelActivity = {
	runNo: number;
	actionId: string;
	kind: 'task' | 'call';
	/** Open until somebody finished or deleted it, or the system took it back. */
	state: 'open' | 'done' | 'deleted' | 'withdrawn';
	/** A user's name. */
	owner: string;
	/** The task's status or the call's result, once somebody has set it. */
	value: string | null;
	due: number;
};

/** One record in one cadence, with everything the model knows of it. */
export type Life = {
	plan: Plan;
	cadence: 'active' | 'inactive';
	enrollment: 'manual' | 'view';
	facts: Facts;
	/** The model's clock. */
	now: number;
	/** UNE-7. */
	gone: 'deleted' | 'converted' | 'merged' | null;
	/** For good: the recycle bin gives a converted record back as what it was. */
	converted: boolean;
	office: Office;
	relay: RelayAnswer[];
	relayed: number;
	suppressed: Map<'email' | 'whatsapp', 'bounced' | 'unsubscribed'>;
	/** The record changed since changes were looked at. */
	changed: boolean;
	/** VER-5, DEA-2: was in the view when the cadence was switched on, and has not left it since. */
	leftOut: boolean;
	run: ModelRun | null;
	inbox: Arrival[];
	/** Actions that something may still come back from, the newest first. */
	reached: { runNo: number; actionId: string }[];
	messages: ModelMessage[];
	activities: ModelActivity[];
	/** One line per event: `1 executed a0 @ms`. */
	log: string[];
	/** Actions whose hand-over was logged: `1/a0`. */
	executed: Set<string>;
	/** GRA-8: who had the last turn, by action. */
	turns: Map<string, string>;
	/** GRA-8: the same record in other cadences, by the cadence's name. */
	elsewhere: Map<string, Life>;
	/** GRA-8: the variant that each e-mail of an A/B test was given. */
	variants: Map<string, string>;
};

export const isLive = (run: ModelRun | null): run is ModelRun =>
	run !== null && (run.status === 'active' || run.status === 'paused');

export const zoneOf = (life: Life): string => life.facts.zone ?? life.office.zone;

export const keyOf = (one: { kind: string; parameter?: string | undefined }): string =>
	one.parameter === undefined ? one.kind : `${one.kind}/${one.parameter}`;

export function logEvent(
	life: Life,
	runNo: number,
	kind: string,
	at: number,
	more: { action?: string; detail?: string | null; late?: boolean; machine?: boolean } = {}
): void {
	const { action = '-', detail, late, machine } = more;
	life.log.push(
		`${runNo} ${kind} ${action} ${detail ?? '-'}${late ? ' late' : ''}${machine ? ' machine' : ''} @${at}`
	);
}
