import type { ResponseKind } from '../cadence/responses.ts';
import { assertNever } from '../errors.ts';

/**
 * The log of everything that happened to runs (UNE-8, REP-3). `detail` is a value of a closed list or an org
 * picklist, never free words: those go into `data`.
 */
export const runEventKinds = [
	/** detail: manual, view, bulk, import, api, restart. One per run: a restart is a new run. */
	'enrolled',
	/** A run ended: detail is the EndReason. `unenrolled` = stopped. */
	'completed',
	'unenrolled',
	'failed',
	/** REE-1: an ended run goes on. */
	'resumed',
	/** detail: PauseCause. */
	'paused',
	'unpaused',
	/** VER-4: pinned to another version. */
	'moved',
	/** ENR-8: a person sent it on to this action. */
	'skippedTo'
] as const;

export const actionEventKinds = [
	/** Handed over (e-mail, WhatsApp) or created (task, call). Exactly one of executed / skipped per action and run. */
	'executed',
	/** detail: unsubscribed, opt_out, bounced, do_not_call, ... (EXE-5). */
	'skipped',
	'sent',
	'delivered',
	'read',
	'opened',
	/** detail: index of the link. */
	'clicked',
	/** detail: quick-reply button (WhatsApp). */
	'replied',
	/** detail: hard, soft. */
	'bounced',
	'unsubscribed',
	/** detail: call result. */
	'result',
	/** detail: task status. */
	'status',
	'overdue',
	/** By a user; the system's cancellation is no event of the action (UNE-4). */
	'cancelled',
	/** An extra action is over (GRA-6). */
	'done',
	/** GRA-10: detail: the case, or `else`. */
	'decided',
	/** The relay or API refused the message. The run's own failure is `failed`. */
	'messageFailed'
] as const;

type RunEventKind = (typeof runEventKinds)[number];
export type ActionEventKind = (typeof actionEventKinds)[number];
export type EventKind = RunEventKind | ActionEventKind;

/** What kind of event a recorded response is; null for negative ones, which nobody sends. */
export function eventKindOf(response: ResponseKind): ActionEventKind | null {
	switch (response) {
		case 'failed':
			return 'messageFailed';
		case 'notOpened':
		case 'notClicked':
		case 'notReplied':
		case 'notLogged':
		case 'notCompleted':
		case 'notDelivered':
		case 'notRead':
		case 'case':
		case 'else':
			return null;
		// The `executed` of a task or call says it.
		case 'created':
			return null;
		case 'sent':
		case 'opened':
		case 'clicked':
		case 'replied':
		case 'bounced':
		case 'unsubscribed':
		case 'result':
		case 'status':
		case 'overdue':
		case 'cancelled':
		case 'delivered':
		case 'read':
		case 'done':
			return response;
		default:
			return assertNever(response);
	}
}

/**
 * REP-3: `first` is what "unique" counts. For values (a call's result, a task's status, a reason) it is the first of
 * kind *and* detail in this run and action; for the others the first of the kind, so that clicks on two links are one
 * clicking run. Machine events are counted apart: `first` looks only at events with the same `machine`.
 */
const valueKinds: ReadonlySet<EventKind> = new Set([
	'result',
	'status',
	'skipped',
	'unenrolled',
	'completed',
	'failed',
	'paused',
	'unpaused'
] satisfies EventKind[]);

/** Equal keys within one run compete for `first`. */
export const firstKey = (event: {
	kind: EventKind;
	actionId: string | null;
	detail: string | null;
	machine: boolean;
}): string =>
	[
		event.actionId ?? '',
		event.kind,
		valueKinds.has(event.kind) ? (event.detail ?? '') : '',
		event.machine
	].join('\n');
