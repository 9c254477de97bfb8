import { isExtraAction, openingResponse, responseKey, type ResponseRef } from '../cadence/responses.ts';
import type { Plan, PlanAction, PlanBranch } from '../plan/plan.ts';
import { addDelay } from '../time/addDelay.ts';
import { DAY } from '../time/zone.ts';
import { branchesTaking, currentAction, hasPositive, isNegative, isSkip, isValue } from './branches.ts';
import { endRun } from './endRun.ts';
import type { Transition, TransitionContext } from './runEvent.ts';
import { freeze, thaw } from './frozenDelay.ts';
import type { FrozenDelay, Instant, Race, Run } from './state.ts';

/** EXE-3 [+]: stands where a branch id stands when only "end after N days without response" is timed. */
export const noResponseId = 'end/no_response';

/** A copy whose maps may be written: the caller's run stays as it was. */
export const openForChange = (run: Run): Run => ({
	...run,
	race: run.race && { ...run.race, responses: { ...run.race.responses }, timed: { ...run.race.timed } },
	frozen: run.frozen && { ...run.frozen },
	done: [...run.done]
});

/** ENR-9: while paused, a branch is timed by its place in `frozen`. */
const timersOf = (run: Run, race: Race): Record<string, Instant | FrozenDelay> => run.frozen ?? race.timed;

/**
 * GRA-7, ENR-9: starts the delay of branches that have none yet. What comes during a pause starts its whole delay at
 * resume; what came before it, and is applied only now, had begun when the run was paused. Whenever it is applied.
 */
function startTimers(
	run: Run,
	race: Race,
	branches: PlanBranch[],
	at: Instant,
	ctx: TransitionContext
): void {
	for (const branch of branches) {
		if (Object.hasOwn(timersOf(run, race), branch.id)) continue;
		const due = () => dueAfterPause(race, at, branch, ctx);
		if (!run.frozen) race.timed[branch.id] = due();
		else if (isBeforePause(race, at))
			run.frozen[branch.id] = freeze(due(), branch.delay, race.pausedAt!, ctx);
		else run.frozen[branch.id] = { remaining: 0, business: false, full: true };
	}
}

/** When a branch is due that was started at `at`, which may lie before or in a pause that is over. */
function dueAfterPause(race: Race, at: Instant, { delay }: PlanBranch, ctx: TransitionContext): Instant {
	const { heldFrom, heldUntil } = race;
	const since = (from: Instant) => addDelay(from, delay, ctx.timeZone, ctx.calendar);
	if (heldFrom === undefined || heldUntil === undefined || at >= heldUntil) return since(at);
	if (at >= heldFrom) return since(heldUntil);
	return thaw(freeze(since(at), delay, heldFrom, ctx), delay, { ...ctx, now: heldUntil });
}

const isBeforePause = ({ pausedAt }: Race, at: Instant): boolean => pausedAt !== undefined && at < pausedAt;

/** A timer can be taken back only before it is due (GRA-11, GRA-6). */
function dropTimer(run: Run, race: Race, branchId: string, at: Instant): void {
	if (run.frozen) delete run.frozen[branchId];
	else if ((race.timed[branchId] ?? -Infinity) > at) delete race.timed[branchId];
}

/** GRA-7: `sent` / `created` and negative branches are timed at once, when the race opens. */
export function openRace(run: Run, race: Race, at: Instant, ctx: TransitionContext): void {
	const action = currentAction(ctx.plan, race);
	race.openedAt = at;
	const first: ResponseRef = { response: openingResponse(action.kind) };
	race.responses[responseKey(first)] ??= at;
	startTimers(run, race, branchesTaking(action, first), at, ctx);
	startTimers(
		run,
		race,
		action.branches.filter((one) => waitsForSilence(one, race)),
		at,
		ctx
	);
	keepSilence(run, race, ctx);
}

/** GRA-11: a negative branch whose positive response has not come. */
export const waitsForSilence = (branch: PlanBranch, race: Race) =>
	branch.when.some((ref) => isNegative(ref.response) && !hasPositive(race, ref.response));

/**
 * GRA-6, GRA-7, GRA-11: one response of the current action: its branches are timed when it first arrives, it loses
 * negative ones, a new value replaces the one before.
 */
export function takeResponse(
	run: Run,
	race: Race,
	ref: ResponseRef,
	at: Instant,
	ctx: TransitionContext
): void {
	const action = currentAction(ctx.plan, race);
	const key = responseKey(ref);
	const taking = branchesTaking(action, ref);
	if (isValue(ref.response)) replaceValue(run, race, action, ref, at, taking);
	race.responses[key] ??= at;
	startTimers(run, race, taking, at, ctx);
	for (const branch of action.branches)
		if (branch.when.some((one) => isNegative(one.response)) && !waitsForSilence(branch, race))
			dropTimer(run, race, branch.id, at);
	keepSilence(run, race, ctx);
}

/**
 * EXE-3, ENR-9: what comes during a pause starts the wait for a response anew, like any delay, at resume. What came
 * before it leaves of the wait what it had left when the run was paused.
 */
function keepSilence(run: Run, race: Race, ctx: TransitionContext): void {
	if (!run.frozen) return;
	const ends = silenceEndsAt(race, ctx);
	const isTimed = Object.keys(run.frozen).some((id) => id !== noResponseId);
	if (ends === null || isTimed || !isBeforePause(race, lastHeard(race))) delete run.frozen[noResponseId];
	else {
		const left = Math.max(ends - race.pausedAt!, run.frozen[noResponseId]?.remaining ?? 0);
		run.frozen[noResponseId] = { remaining: left, business: false };
	}
}

/** GRA-6: only the current value's branch is timed; a correction before it is due replaces it. */
function replaceValue(
	run: Run,
	race: Race,
	action: PlanAction,
	ref: ResponseRef,
	at: Instant,
	taking: PlanBranch[]
): void {
	for (const key of Object.keys(race.responses))
		if (key.startsWith(`${ref.response}/`) && key !== responseKey(ref)) delete race.responses[key];
	for (const branch of action.branches) {
		const byValue = branch.when.every((one) => one.response === ref.response);
		if (byValue && !taking.includes(branch)) dropTimer(run, race, branch.id, at);
	}
}

/** GRA-7: the earliest due wins; equal due by rank, then by branch id. */
function chooseNext(run: Run, ctx: TransitionContext): Run['next'] {
	const race = run.race;
	if (!race || run.status !== 'active') return null;
	// ENR-8: where a person sent it comes before all.
	const skip = Object.keys(race.timed).find(isSkip);
	if (skip !== undefined) return { branchId: skip, dueAt: race.timed[skip]! };
	const action = currentAction(ctx.plan, race);
	let best: { branchId: string; dueAt: Instant; rank: number } | null = null;
	for (const branch of action.branches) {
		const dueAt = race.timed[branch.id];
		if (dueAt === undefined) continue;
		const earlier =
			!best ||
			dueAt < best.dueAt ||
			(dueAt === best.dueAt &&
				(branch.rank < best.rank || (branch.rank === best.rank && branch.id < best.branchId)));
		if (earlier) best = { branchId: branch.id, dueAt, rank: branch.rank };
	}
	if (best) return { branchId: best.branchId, dueAt: best.dueAt };
	const silence = silenceEndsAt(race, ctx);
	if (silence === null) return null;
	const kept = race.timed[noResponseId];
	const dueAt = Math.max(silence, kept ?? 0);
	// What is over already is written down as due now; what it decides is decided by its own instant (EXE-9).
	if (kept !== undefined || dueAt < ctx.now) race.timed[noResponseId] = dueAt;
	return { branchId: noResponseId, dueAt };
}

/** EXE-3 [+]: when a run that only waits has waited long enough; null: it waits for ever. */
function silenceEndsAt(race: Race, { plan }: Pick<TransitionContext, 'plan'>): Instant | null {
	const wait = waitForAnything(plan);
	if (wait === null || race.openedAt === null) return null;
	return lastHeard(race) + wait;
}

/** When a run heard something last: since then it waits. Of a pause that is over no moment counts. */
export function lastHeard(race: Race): Instant {
	const at = Math.max(race.openedAt ?? 0, ...Object.values(race.responses));
	const { heldFrom, heldUntil } = race;
	if (heldFrom === undefined || heldUntil === undefined || at >= heldUntil) return at;
	return at >= heldFrom ? heldUntil : at + heldUntil - heldFrom;
}

/** EXE-3 [+]: how long a run waits for any response at all, ms; null: for ever. */
export const waitForAnything = ({ settings: { endAfterDays } }: Plan): number | null =>
	endAfterDays === null ? null : endAfterDays * DAY;

/**
 * EXE-3 [+], VER-4: by how much another plan lets a run wait longer. A version without an end counts as no wait at all, so
 * that what a pause has added is not forgotten on the way through it.
 */
export const longerWait = (from: Plan, to: Plan): number =>
	(waitForAnything(to) ?? 0) - (waitForAnything(from) ?? 0);

/** Whether a message of the race waits in the outbox: its hand-over decides what comes next. */
export const awaitsHandOver = (race: Race): boolean =>
	race.openedAt === null && !hasKind(race, 'bounced') && !hasKind(race, 'failed');

const hasKind = (race: Race, kind: string) =>
	Object.keys(race.responses).some((key) => key === kind || key.startsWith(`${kind}/`));

/** EXE-3: which responses can still give a branch its timer. */
export function awaitedBy(action: PlanAction, branch: PlanBranch, race: Race): ResponseRef[] {
	// No message and no activity exists, or a person took it away: nothing can come back.
	if (race.skipped || race.openedAt === null || hasKind(race, 'cancelled')) return [];
	// GRA-6: an extra action is over when its race opens.
	if (isExtraAction(action.kind)) return [];
	// What is done is neither late nor cancelled any more; a correction of its value can still come.
	const closed = hasKind(race, 'result') || Object.hasOwn(race.responses, 'status/Completed');
	return branch.when.filter(
		({ response }) =>
			response !== openingResponse(action.kind) &&
			!isNegative(response) &&
			!(closed && (response === 'overdue' || response === 'cancelled'))
	);
}

/**
 * EXE-3: after every change of a race: an action without branches completes the run once it is executed or skipped;
 * so does the moment when no branch is or can become timed. Else the next branch is chosen.
 */
export function settleRace(run: Run, ctx: TransitionContext): Transition {
	const race = run.race;
	if (!race || awaitsHandOver(race)) return [{ ...run, next: null }, []];
	const timers = timersOf(run, race);
	if (Object.keys(timers).some(isSkip)) return [{ ...run, next: chooseNext(run, ctx) }, []];
	const action = currentAction(ctx.plan, race);
	const { branches } = action;
	if (!branches.length) return endRun(run, 'completed', null, ctx);
	const alive = branches.some(
		(branch) => Object.hasOwn(timers, branch.id) || awaitedBy(action, branch, race).length > 0
	);
	if (!alive) return endRun(run, 'no_branch_left', null, ctx);
	return [{ ...run, next: chooseNext(run, ctx) }, []];
}
