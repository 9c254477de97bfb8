import { immediately } from '../time/delay.ts';
import { getBranch } from './branches.ts';
import { freeze, thaw } from './frozenDelay.ts';
import { noResponseId, openForChange, settleRace, waitForAnything } from './race.ts';
import type { Transition, TransitionContext } from './runEvent.ts';
import type { FrozenDelay, Instant, PauseCause, Run } from './state.ts';
import { isLive } from './state.ts';

/** What a timer waits for: the wait for any response at all has a length of its own (EXE-3 [+]). */
const delayOf = (run: Run, branchId: string, ctx: TransitionContext) =>
	branchId === noResponseId ? immediately : getBranch(ctx.plan, run.race, branchId).delay;

/** ENR-9: freezes every timed branch at its remaining delay in its own unit. ENR-7: several causes may hold. */
export function pauseRun(run: Run, cause: PauseCause, ctx: TransitionContext): Transition {
	if (!isLive(run.status) || run.pauseCauses.includes(cause)) return [run, []];
	const pauseCauses = [...run.pauseCauses, cause];
	if (run.status === 'paused') return [{ ...run, pauseCauses }, [{ kind: 'paused', cause }]];
	const frozen: Record<string, FrozenDelay> = {};
	for (const [branchId, dueAt] of Object.entries(timersToFreeze(run)))
		frozen[branchId] = freeze(dueAt, delayOf(run, branchId, ctx), ctx.now, ctx);
	if (!run.race) for (const left of Object.values(frozen)) left.since = ctx.now;
	const race = run.race && { ...run.race, timed: {}, pausedAt: ctx.now };
	return [{ ...run, status: 'paused', pauseCauses, race, next: null, frozen }, [{ kind: 'paused', cause }]];
}

/** The entry, or the timed branches and, where no branch is timed, the end of the wait for a response. */
function timersToFreeze({ race, next }: Run): Record<string, Instant> {
	const { [noResponseId]: _, ...timed } = race?.timed ?? {};
	if (next && (!race || next.branchId === noResponseId)) timed[next.branchId] = next.dueAt;
	return timed;
}

/** ENR-9: due = fit(resumedAt + remaining); what came during the pause starts its full delay now. */
export function resumeRun(run: Run, cause: PauseCause, ctx: TransitionContext): Transition {
	if (run.status !== 'paused' || !run.pauseCauses.includes(cause)) return [run, []];
	const pauseCauses = run.pauseCauses.filter((one) => one !== cause);
	if (pauseCauses.length) return [{ ...run, pauseCauses }, [{ kind: 'unpaused', cause }]];
	const timed: Record<string, Instant> = {};
	for (const [branchId, left] of Object.entries(run.frozen ?? {}))
		timed[branchId] = thaw(left, delayOf(run, branchId, ctx), ctx);
	const next: Run = { ...openForChange(run), status: 'active', pauseCauses, frozen: null };
	if (!next.race) {
		const [branchId, dueAt] = Object.entries(timed)[0] ?? [ctx.plan.entry.id, ctx.now];
		return [{ ...next, next: { branchId, dueAt } }, [{ kind: 'unpaused', cause }]];
	}
	// EXE-3: the pause was no silence. Where none was running, or something came meanwhile, the wait begins now.
	// Also where this version has no end: one that the run is moved to may have.
	timed[noResponseId] ??= ctx.now + (waitForAnything(ctx.plan) ?? 0);
	next.race.timed = timed;
	const { pausedAt, ...race } = next.race;
	next.race = pausedAt === undefined ? race : { ...race, heldFrom: pausedAt, heldUntil: ctx.now };
	const [settled, effects] = settleRace(next, ctx);
	return [settled, [{ kind: 'unpaused', cause }, ...effects]];
}
