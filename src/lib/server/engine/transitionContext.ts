import type { TransitionContext } from '#lib/domain/enrollment/runEvent.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import { liveRulesOf, type CadenceContext } from './cadenceContext.ts';

/** What `transition` goes by: the plan a run is pinned to, and the rules of the active version (VER-3). */
export const transitionContext = (
	now: number,
	plan: Plan,
	cadence: CadenceContext,
	timeZone: string
): TransitionContext => ({
	now,
	plan,
	rules: liveRulesOf(cadence),
	calendar: cadence.calendar,
	timeZone
});
