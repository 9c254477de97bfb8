import { isSkip, skipTargetOf, findAction } from './branches.ts';
import type { Plan } from '../plan/plan.ts';
import { dueSince, freeze } from './frozenDelay.ts';
import { longerWait, noResponseId, openForChange, settleRace } from './race.ts';
import { branchesGoingOn, sameTiming } from './raceOnPlan.ts';
import type { Transition, TransitionContext } from './runEvent.ts';
import { isLive, type FrozenDelay, type Instant, type Run } from './state.ts';

/** VER-4, REE-3: whether a run can go on in another plan: the action it stands at, or was sent to, is still there. */
export function canMove(run: Pick<Run, 'race' | 'next' | 'frozen'>, from: Plan, to: Plan): boolean {
	const sent = [...Object.keys(run.frozen ?? run.race?.timed ?? {}), run.next?.branchId ?? ''].find(isSkip);
	if (sent && !findAction(to, skipTargetOf(sent))) return false;
	if (!run.race) return true;
	const now = findAction(to, run.race.actionId);
	return now !== null && now.kind === findAction(from, run.race.actionId)?.kind;
}

/**
 * VER-4: goes on from this point in `to`: the race keeps what came back, with its original times. A branch that is as it
 * was keeps its timer; the others are due = fit(max(now, responseAt + new delay)). A paused run stays paused. Where the
 * current action went nothing happens.
 */
export function moveRun(run: Run, to: Plan, enrolledAt: Instant, ctx: TransitionContext): Transition {
	if (!isLive(run.status) || !canMove(run, ctx.plan, to)) return [run, []];
	const next = openForChange(run);
	if (!next.race) return [moveEntry(next, to, enrolledAt, ctx), [{ kind: 'moved' }]];
	const timed: Record<string, Instant> = {};
	const frozen: Record<string, FrozenDelay> = {};
	const keep = (id: string) => {
		if (run.frozen) frozen[id] = run.frozen[id]!;
		else timed[id] = run.race!.timed[id]!;
	};
	const timers = run.frozen ?? next.race.timed;
	// ENR-9: a pause holds the clock, whatever it is that is timed anew.
	const paused = { ...ctx, now: next.race.pausedAt ?? ctx.now };
	const skip = Object.keys(timers).find(isSkip);
	if (Object.hasOwn(timers, noResponseId)) moveSilence(run, longerWait(ctx.plan, to), timed, frozen);
	if (skip) keep(skip);
	else
		for (const one of branchesGoingOn(run, next.race, timers, ctx.plan, to)) {
			const { id, delay } = one.branch;
			if (one.keeps) keep(id);
			else if (!run.frozen) timed[id] = dueSince(one.startedAt, delay, ctx);
			else if (run.frozen[id]?.full) keep(id);
			else frozen[id] = freeze(dueSince(one.startedAt, delay, paused), delay, paused.now, ctx);
		}
	next.race.timed = timed;
	next.frozen = run.frozen && frozen;
	const [settled, effects] = settleRace(next, { ...ctx, plan: to });
	return [settled, [{ kind: 'moved' }, ...effects]];
}

/** EXE-3, ENR-9: a pause has prolonged the wait for a response by as much in any version. */
function moveSilence(
	run: Run,
	longer: number,
	timed: Record<string, Instant>,
	frozen: Record<string, FrozenDelay>
): void {
	const left = run.frozen?.[noResponseId];
	if (left) frozen[noResponseId] = { ...left, remaining: left.remaining + longer };
	else timed[noResponseId] = run.race!.timed[noResponseId]! + longer;
}

/** Before the first action: the entry's delay counts from the enrollment. */
function moveEntry(next: Run, to: Plan, enrolledAt: Instant, ctx: TransitionContext): Run {
	const waits = Object.keys(next.frozen ?? {})[0] ?? next.next?.branchId;
	if (waits === undefined || isSkip(waits)) return next;
	const { id, delay } = to.entry;
	if (sameTiming(ctx.plan, to, null, to.entry)) return next;
	if (!next.frozen) return { ...next, next: { branchId: id, dueAt: dueSince(enrolledAt, delay, ctx) } };
	const since = next.frozen[waits]?.since ?? ctx.now;
	const left = freeze(dueSince(enrolledAt, delay, { ...ctx, now: since }), delay, since, ctx);
	return { ...next, frozen: { [id]: { ...left, since } } };
}
