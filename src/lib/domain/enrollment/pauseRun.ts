import { addBusinessTime, businessTimeBetween } from '../time/businessTime.ts';
import { addDelay, fitDelay } from '../time/addDelay.ts';
import type { Delay } from '../time/delay.ts';
import { getBranch } from './branches.ts';
import { openForChange, settleRace } from './race.ts';
import type { Transition, TransitionContext } from './runEvent.ts';
import type { FrozenDelay, Instant, PauseCause, Run } from './state.ts';
import { isLive } from './state.ts';

const isBusiness = (delay: Delay) => delay.unit === 'businessHours' || delay.unit === 'businessDays';

/** ENR-9: freezes every timed branch at its remaining delay in its own unit. ENR-7: several causes may hold. */
export function pauseRun(run: Run, cause: PauseCause, ctx: TransitionContext): Transition {
	if (!isLive(run.status) || run.pauseCauses.includes(cause)) return [run, []];
	const pauseCauses = [...run.pauseCauses, cause];
	if (run.status === 'paused') return [{ ...run, pauseCauses }, [{ kind: 'paused', cause }]];
	const timed = run.race ? run.race.timed : entryTimer(run);
	const frozen: Record<string, FrozenDelay> = {};
	for (const [branchId, dueAt] of Object.entries(timed)) {
		const { delay } = getBranch(ctx.plan, run.race, branchId);
		const business = isBusiness(delay);
		const remaining = business
			? businessTimeBetween(ctx.now, dueAt, ctx.calendar)
			: Math.max(0, dueAt - ctx.now);
		frozen[branchId] = { remaining, business };
	}
	const race = run.race && { ...run.race, timed: {} };
	return [{ ...run, status: 'paused', pauseCauses, race, next: null, frozen }, [{ kind: 'paused', cause }]];
}

const entryTimer = (run: Run): Record<string, Instant> =>
	run.next ? { [run.next.branchId]: run.next.dueAt } : {};

/** ENR-9: due = fit(resumedAt + remaining); what came during the pause starts its full delay now. */
export function resumeRun(run: Run, cause: PauseCause, ctx: TransitionContext): Transition {
	if (run.status !== 'paused' || !run.pauseCauses.includes(cause)) return [run, []];
	const pauseCauses = run.pauseCauses.filter((one) => one !== cause);
	if (pauseCauses.length) return [{ ...run, pauseCauses }, [{ kind: 'unpaused', cause }]];
	const timed: Record<string, Instant> = {};
	for (const [branchId, left] of Object.entries(run.frozen ?? {}))
		timed[branchId] = thaw(left, getBranch(ctx.plan, run.race, branchId).delay, ctx);
	const next: Run = { ...openForChange(run), status: 'active', pauseCauses, frozen: null };
	if (!next.race) {
		const dueAt = timed[ctx.plan.entry.id] ?? ctx.now;
		return [{ ...next, next: { branchId: ctx.plan.entry.id, dueAt } }, [{ kind: 'unpaused', cause }]];
	}
	next.race.timed = timed;
	const [settled, effects] = settleRace(next, ctx);
	return [settled, [{ kind: 'unpaused', cause }, ...effects]];
}

function thaw(left: FrozenDelay, delay: Delay, ctx: TransitionContext): Instant {
	if (left.full) return addDelay(ctx.now, delay, ctx.timeZone, ctx.calendar);
	const ends = left.business
		? addBusinessTime(ctx.now, left.remaining, ctx.calendar)
		: ctx.now + left.remaining;
	// A calendar without any business time left must not hold a run for ever.
	return fitDelay(ends ?? ctx.now, delay, ctx.timeZone, ctx.calendar) ?? ctx.now;
}
