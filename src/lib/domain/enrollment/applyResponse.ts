import { isHandedOver, openingResponse, responseKey, type ResponseKind } from '../cadence/responses.ts';
import type { PlanAction } from '../plan/plan.ts';
import { branchesTaking, findAction, isSkip, isValue } from './branches.ts';
import { endRun } from './endRun.ts';
import { matchesOutcome } from './outcomes.ts';
import { openForChange, openRace, settleRace, takeResponse } from './race.ts';
import type { Effect, Failure, Transition, TransitionContext } from './runEvent.ts';
import { isLive, type RecordedResponse, type Run } from './state.ts';

/** One response (GRA-6, GRA-7, EXE-4, EXE-9, EXE-11, UNE-1 d). Always recorded; what it moves depends on the race. */
export function applyResponse(
	run: Run,
	response: RecordedResponse,
	failure: Failure | undefined,
	ctx: TransitionContext
): Transition {
	const late = isLate(run, response);
	const action = findAction(ctx.plan, response.actionId);
	const implications = impliedBy(response, action);
	const effects: Effect[] = record(response, late, failure);
	if (action) effects.push(...handOver(run, action, response));
	// EXE-7: also said where the response is late or ends the run; the log says each once.
	for (const one of implications)
		if (!isKnown(run, one)) effects.push({ kind: 'responded', response: one, late, implied: true });
	// EXE-7: what a machine did fires and cancels nothing.
	if (response.machine || !isLive(run.status)) return [run, effects];
	// UNE-1 d: the rule acts on any action's response, late ones too, and on what it says besides itself.
	const ruled =
		action && [response, ...implications].find((one) => matchesOutcome(ctx.rules.outcomes, action, one));
	if (ruled) {
		const [ended, more] = endRun(run, 'response_rule', responseKey(ruled), ctx);
		return [ended, [...effects, ...more]];
	}
	if (late) {
		if (response.response !== 'replied' || ctx.rules.lateReply !== 'unenroll') return [run, effects];
		const [ended, more] = endRun(run, 'late_reply', null, ctx);
		return [ended, [...effects, ...more]];
	}
	const [next, more] = takeCurrent(run, action, response, failure, ctx);
	return [next, [...effects, ...more]];
}

/** EXE-9: of an ended run, of an older action, or after the instant that decided the race (as if no outage were). */
function isLate(run: Run, response: RecordedResponse): boolean {
	if (!isLive(run.status) || run.race?.actionId !== response.actionId) return true;
	// ENR-8: a person has decided the race, also where the run is paused until it goes on.
	if (Object.keys(run.frozen ?? run.race.timed).some(isSkip)) return true;
	return run.next !== null && run.next.dueAt < response.at;
}

/** What a response says besides itself: a human click or reply implies an open (EXE-7), reading implies delivery. */
const implied: Partial<Record<ResponseKind, readonly ResponseKind[]>> = {
	clicked: ['opened'],
	read: ['delivered'],
	replied: ['opened', 'delivered', 'read']
};

function impliedBy(response: RecordedResponse, action: PlanAction | null): RecordedResponse[] {
	if (!action || response.machine) return [];
	const ofChannel: readonly ResponseKind[] =
		action.kind === 'email' ? ['opened'] : action.kind === 'whatsapp' ? ['delivered', 'read'] : [];
	return (implied[response.response] ?? [])
		.filter((kind) => ofChannel.includes(kind))
		.map((kind) => ({ response: kind, actionId: response.actionId, at: response.at }));
}

/** Whether the race of its action has it already. */
const isKnown = ({ race }: Run, response: RecordedResponse): boolean =>
	race?.actionId === response.actionId && Object.hasOwn(race.responses, responseKey(response));

function record(response: RecordedResponse, late: boolean, failure: Failure | undefined): Effect[] {
	// A deleted activity is the run's failure, not something that came back from anybody.
	if (failure?.reason === 'activity_deleted') return [];
	return [{ kind: 'responded', response, late, implied: false }];
}

/** EXE-10: what the relay's answer makes of the action itself, whatever became of its run meanwhile. */
function handOver(run: Run, action: PlanAction, response: RecordedResponse): Effect[] {
	if (!isHandedOver(action.kind)) return [];
	const { at } = response;
	if (response.response === openingResponse(action.kind)) return [{ kind: 'handedOver', action, at }];
	const waits = run.race?.actionId === action.id && run.race.openedAt === null && !run.race.skipped;
	const refused = response.response === 'failed' || response.response === 'bounced';
	return waits && refused ? [{ kind: 'handOverFailed', action, at }] : [];
}

function takeCurrent(
	run: Run,
	action: PlanAction | null,
	response: RecordedResponse,
	failure: Failure | undefined,
	ctx: TransitionContext
): Transition {
	const next = openForChange(run);
	const race = next.race;
	if (!race || !action) return [run, []];
	const reason = failureReason(run, action, response, failure);
	if (reason) return endRun(run, reason, failure?.text ?? null, ctx);
	for (const one of impliedBy(response, action))
		if (!isKnown(run, one)) takeResponse(next, race, one, one.at, ctx);
	if (response.response === openingResponse(action.kind)) {
		if (race.openedAt === null) openRace(next, race, response.at, ctx);
	} else if (isValue(response.response) || !Object.hasOwn(race.responses, responseKey(response)))
		takeResponse(next, race, response, response.at, ctx);
	return settleRace(next, ctx);
}

/** EXE-4, EXE-11: a refusal that no branch takes ends the run. null: it does not. */
function failureReason(
	run: Run,
	action: PlanAction,
	response: RecordedResponse,
	failure: Failure | undefined
) {
	if (branchesTaking(action, response).length) return null;
	if (response.response === 'failed') return failure?.reason ?? 'provider_refused';
	if (response.response !== 'bounced') return null;
	if (response.parameter === 'hard') return 'address_bounced';
	// A soft bounce after hand-over is a note; before it, the mail never left.
	return run.race?.openedAt === null ? (failure?.reason ?? 'provider_refused') : null;
}
