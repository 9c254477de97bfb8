import type { Plan, PlanAction } from '../plan/plan.ts';
import { findAction, getNode, skipId } from './branches.ts';
import { openForChange } from './race.ts';
import type { Transition, TransitionContext } from './runEvent.ts';
import { isLive, type Run } from './state.ts';

/** ENR-8: the actions that come after the current one (all of them before the first), nearest first. */
export function actionsAfter(plan: Plan, currentActionId: string | null): PlanAction[] {
	const current = currentActionId === null ? null : findAction(plan, currentActionId);
	const waiting = current ? current.branches.map((branch) => branch.target) : [plan.entry.target];
	const seen = new Set<string>();
	const found: PlanAction[] = [];
	for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
		if (seen.has(id)) continue;
		seen.add(id);
		const node = getNode(plan, id);
		if (node.kind === 'exit') continue;
		if (node.kind === 'condition')
			waiting.push(
				...[...node.cases, node.otherwise].flatMap(({ target }) => (target === null ? [] : [target]))
			);
		else {
			found.push(node);
			waiting.push(...node.branches.map((branch) => branch.target));
		}
	}
	return found;
}

/** ENR-8: what a run can be skipped forward to: after the current action, and not run yet. */
export const skipTargets = (run: Pick<Run, 'race' | 'done'>, plan: Plan): PlanAction[] =>
	run.race && !findAction(plan, run.race.actionId)
		? []
		: actionsAfter(plan, run.race?.actionId ?? null).filter((action) => !run.done.includes(action.id));

/**
 * ENR-8: the action is due at once, at resume if the run is paused. The current race is decided; the caller withdraws
 * its queued message, activities stay.
 */
export function skipTo(run: Run, actionId: string, ctx: TransitionContext): Transition {
	if (!isLive(run.status)) return [run, []];
	const action = skipTargets(run, ctx.plan).find((one) => one.id === actionId);
	if (!action) return [run, []];
	const next = openForChange(run);
	const branchId = skipId(actionId);
	if (next.race) {
		next.race.openedAt ??= ctx.now;
		next.race.timed = run.frozen ? {} : { [branchId]: ctx.now };
	}
	if (run.frozen) next.frozen = { [branchId]: { remaining: 0, business: false } };
	next.next = run.status === 'active' ? { branchId, dueAt: ctx.now } : null;
	return [next, [{ kind: 'skippedTo', action }]];
}
