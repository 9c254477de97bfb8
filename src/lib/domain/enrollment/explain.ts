import { kindLabel } from '../plan/violation.ts';
import { responsesByKind } from '../cadence/responses.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { endDetailText } from './endReasonText.ts';
import { findAction, getBranch } from './branches.ts';
import { awaitedBy, noResponseId } from './race.ts';
import type { Instant, PauseCause, Run } from './state.ts';
import { waitText } from './waitText.ts';

/** What "Why is it not moving?" needs to know (ENR-8). */
export type ExplainFacts = {
	run: Run;
	plan: Plan;
	cadence: 'draft' | 'active' | 'inactive' | 'deleted';
	/** Why the engine set the run aside; null: it did not. */
	quarantineReason: string | null;
	pausedUntil: Instant | null;
	/** The message of the current action, if it has one. */
	message: { status: string; waitReason: string | null; notBefore: Instant; errorText: string | null } | null;
	/** The webhook of the current action, if it has one. */
	webhook?: {
		status: string;
		waitReason: string | null;
		notBefore: Instant;
		lastError: string | null;
	} | null;
	/** Responses that were received and wait to be applied. */
	waitingResponses: number;
	now: Instant;
	/** How a person writes an instant, in their own zone. */
	formatTime: (at: Instant) => string;
	/** How a person writes an end reason. */
	reasonText: (reason: NonNullable<Run['endReason']>) => string;
};

/** "Follow-up 3 · Call", with the title where it has one. */
export function nameOf(node: PlanNode): string {
	if (node.kind === 'condition') return node.title ? `Condition · ${node.title}` : 'Condition';
	if (node.kind === 'exit') return node.reason ? `Exit · ${node.reason}` : 'Exit';
	return `Follow-up ${node.followUp} · ${node.title || kindLabel(node.kind)}`;
}

/** ENR-8: one sentence for every state a run can be in. */
export function explainRun(facts: ExplainFacts): string {
	const { run } = facts;
	if (run.status === 'completed' || run.status === 'stopped' || run.status === 'failed') return ended(facts);
	if (facts.quarantineReason)
		return `It was set aside because the engine could not go on: ${facts.quarantineReason} An administrator can try it again under Operations, or un-enroll it.`;
	if (facts.waitingResponses) return 'A response has just come in and is being worked on.';
	if (run.status === 'paused') return paused(facts);
	if (facts.cadence !== 'active') return 'The cadence is inactive, so nothing moves until it is activated.';
	if (!run.next) return waits(facts);
	return run.next.dueAt <= facts.now ? dueNow(facts) : waitsForTime(facts);
}

/** Nothing is scheduled: the current action's hand-over or a response comes first. */
function waits(facts: ExplainFacts): string {
	const isOpen = facts.run.race?.openedAt !== null;
	// EXE-10: one that is sent again holds everything up that could come back.
	if (facts.message && (!isOpen || underWay.has(facts.message.status))) return outbox(facts, facts.message);
	if (facts.webhook && !isOpen) return webhookCall(facts, facts.webhook);
	return waitsForResponse(facts);
}

const underWay: ReadonlySet<string> = new Set(['queued', 'claimed', 'sending']);

function ended({ run, formatTime, reasonText }: ExplainFacts): string {
	const when = run.endedAt === null ? '' : ` on ${formatTime(run.endedAt)}`;
	const why = run.endReason ? reasonText(run.endReason) : 'no reason was recorded';
	const said = endDetailText(run.endReason, run.endDetail).replace(/\.$/, '');
	const detail = said && `: ${said}`;
	return `It is over: it ended${when} (${why}${detail}).`;
}

const pauseTexts: Record<PauseCause, string> = {
	person: 'a person paused it',
	cadence_inactive: 'the cadence is inactive',
	out_of_office: 'the person is out of office'
};

function paused({ run, pausedUntil, formatTime }: ExplainFacts): string {
	const why = run.pauseCauses.map((cause) => pauseTexts[cause]).join(' and ');
	const until = pausedUntil === null ? '' : ` until ${formatTime(pausedUntil)}`;
	return `It is paused${until} because ${why}; its timers keep their remaining delay.`;
}

function outbox(facts: ExplainFacts, message: NonNullable<ExplainFacts['message']>): string {
	const action = facts.run.race && findAction(facts.plan, facts.run.race.actionId);
	const name = action ? nameOf(action) : 'The message';
	if (message.status === 'claimed' || message.status === 'sending')
		return `${name} is being handed over at this moment.`;
	if (message.status !== 'queued') return `${name} was handed over; the result is being recorded.`;
	const until =
		message.notBefore > facts.now && message.waitReason !== 'review'
			? ` until ${facts.formatTime(message.notBefore)}`
			: '';
	return `${name} waits in the outbox${until}: ${waitText(message.waitReason)}.`;
}

/** GRA-8: until its receiver has taken it, a webhook is not executed. */
function webhookCall(facts: ExplainFacts, call: NonNullable<ExplainFacts['webhook']>): string {
	const action = facts.run.race && findAction(facts.plan, facts.run.race.actionId);
	const name = action ? nameOf(action) : 'The webhook';
	if (call.status === 'claimed') return `${name} is being sent to its receiver at this moment.`;
	if (call.status !== 'queued') return `The receiver of ${name} has answered; the result is being recorded.`;
	if (call.waitReason !== null && call.waitReason !== 'receiver')
		return `${name} waits in the outbox: ${waitText(call.waitReason)}.`;
	if (call.lastError === null) return `${name} waits in the outbox: it is next in line for its receiver.`;
	const again = call.notBefore > facts.now ? ` at ${facts.formatTime(call.notBefore)}` : '';
	return `${name} was not taken by its receiver (${call.lastError.replace(/\.$/, '')}); it is tried again${again}.`;
}

function waitsForResponse({ run, plan }: ExplainFacts): string {
	const action = run.race && findAction(plan, run.race.actionId);
	if (!action) return 'It waits for its first action.';
	const words = new Set(
		action.branches
			.flatMap((branch) => awaitedBy(action, branch, run.race!))
			.map(({ response, parameter }) => {
				const label = responsesByKind[action.kind].find((one) => one.kind === response)?.label ?? response;
				return parameter === undefined ? label : `${label} "${parameter}"`;
			})
	);
	if (!words.size)
		return `Nothing can move it any more: ${nameOf(action)} has no branch left that could be taken.`;
	return `It waits for a response to ${nameOf(action)} (${[...words].join(', ')}); nothing is scheduled before.`;
}

function nextName({ run, plan }: ExplainFacts): string {
	if (!run.next || run.next.branchId === noResponseId) return 'the end of the wait for a response';
	const target = plan.nodes[getBranch(plan, run.race, run.next.branchId).target];
	return target ? nameOf(target) : 'an action that is gone';
}

const dueNow = (facts: ExplainFacts): string =>
	`${nextName(facts)} is due and will be executed within seconds.`;

function waitsForTime(facts: ExplainFacts): string {
	const name = nextName(facts);
	// A title may end a sentence by itself.
	const stop = /[.!?…]$/.test(name) ? '' : '.';
	return `It waits until ${facts.formatTime(facts.run.next!.dueAt)}, then comes ${name}${stop}`;
}
