import type { Plan } from '../plan/plan.ts';
import { findAction, getBranch, isSkip } from './branches.ts';
import { openingResponse, responseKey } from '../cadence/responses.ts';
import { isResumable } from './endReason.ts';
import { dueSince, freeze, thaw } from './frozenDelay.ts';
import { canMove } from './moveRun.ts';
import { lastHeard, longerWait, noResponseId, openForChange, settleRace, waitForAnything } from './race.ts';
import { branchesGoingOn, sameTiming } from './raceOnPlan.ts';
import type { Transition, TransitionContext } from './runEvent.ts';
import type { FrozenDelay, Instant, Race, Run } from './state.ts';

/** REE-1, REE-3: whether a stopped run can go on where it stopped, as far as the run and the plans decide. */
const canResume = (run: Run, from: Plan, to: Plan): boolean =>
	run.status === 'stopped' && run.endReason !== null && isResumable(run.endReason) && canMove(run, from, to);

export type ResumeInput = {
	to: Plan;
	enrolledAt: Instant;
	/** The current action's message left after all, though the run had stopped: the race opens with that time. */
	handedOverAt: Instant | null;
};

/**
 * REE-4: a stopped run goes on in the active version: as "move", but a branch that is as it was keeps what was left of
 * its delay when the run stopped, in its own unit. The caller queues a withdrawn message again and reopens activities.
 */
export function resumeStopped(run: Run, input: ResumeInput, ctx: TransitionContext): Transition {
	if (!canResume(run, ctx.plan, input.to)) return [run, []];
	const next: Run = {
		...openForChange(run),
		status: 'active',
		pauseCauses: [],
		frozen: null,
		endedAt: null,
		endReason: null,
		endDetail: null
	};
	const left = leftAtStop(run, ctx);
	if (!next.race) return [resumeEntry(next, left, input, ctx), [{ kind: 'resumed' }]];
	const race = next.race;
	if (race.openedAt === null && input.handedOverAt !== null) open(race, input);
	race.timed = {};
	const skip = Object.keys(left).find(isSkip);
	if (skip) race.timed[skip] = ctx.now;
	else
		for (const one of branchesGoingOn(run, race, left, ctx.plan, input.to)) {
			const { id, delay } = one.branch;
			race.timed[id] = one.keeps ? thaw(left[id]!, delay, ctx) : dueSince(one.startedAt, delay, ctx);
		}
	const to = { ...ctx, plan: input.to };
	delete race.pausedAt;
	if (race.openedAt !== null) race.timed[noResponseId] = ctx.now + silenceLeft(run, race, ctx.plan, input.to);
	const [settled, effects] = settleRace(next, to);
	return [settled, [{ kind: 'resumed' }, ...effects]];
}

/** EXE-3 [+], ENR-9: the days in which it was paused or stopped are no silence, in any version. */
function silenceLeft({ frozen, race: was, endedAt }: Run, race: Race, from: Plan, to: Plan): number {
	const longer = longerWait(from, to);
	const kept = was?.timed[noResponseId];
	const left = frozen
		? (frozen[noResponseId]?.remaining ?? waitForAnything(from) ?? 0) + longer
		: Math.max(lastHeard(race) + (waitForAnything(to) ?? 0), kept === undefined ? 0 : kept + longer) -
			(endedAt ?? 0);
	return waitForAnything(to) === null ? left : Math.max(0, left);
}

function open(race: Race, { to, handedOverAt }: ResumeInput): void {
	const action = findAction(to, race.actionId)!;
	race.openedAt = handedOverAt;
	race.responses[responseKey({ response: openingResponse(action.kind) })] ??= handedOverAt!;
}

/** What every timed branch had left when the run stopped. */
function leftAtStop(run: Run, ctx: TransitionContext): Record<string, FrozenDelay> {
	const left: Record<string, FrozenDelay> = {};
	const stoppedAt = run.endedAt ?? ctx.now;
	const keep = (id: string, dueAt: Instant) => {
		if (id !== noResponseId)
			left[id] = freeze(dueAt, getBranch(ctx.plan, run.race, id).delay, stoppedAt, ctx);
	};
	for (const [id, one] of Object.entries(run.frozen ?? {}))
		if (one.until === undefined) left[id] = one;
		else keep(id, one.until);
	if (!run.frozen) for (const [id, dueAt] of Object.entries(run.race?.timed ?? {})) keep(id, dueAt);
	return left;
}

/** Before the first action it goes on with what was left of the entry delay. */
function resumeEntry(
	next: Run,
	left: Record<string, FrozenDelay>,
	{ to, enrolledAt }: ResumeInput,
	ctx: TransitionContext
): Run {
	const [branchId, kept] = Object.entries(left)[0] ?? [to.entry.id, undefined];
	if (isSkip(branchId)) return { ...next, next: { branchId, dueAt: ctx.now } };
	const { id, delay } = to.entry;
	const dueAt =
		kept && sameTiming(ctx.plan, to, null, to.entry)
			? thaw(kept, delay, ctx)
			: dueSince(enrolledAt, delay, ctx);
	return { ...next, next: { branchId: id, dueAt } };
}
