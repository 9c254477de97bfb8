import type { PlanAction, PlanExit } from '../plan/plan.ts';
import { followConditions, getBranch } from './branches.ts';
import { isHandedOver } from '../cadence/responses.ts';
import { endRun } from './endRun.ts';
import { noResponseId, openForChange, openRace, settleRace } from './race.ts';
import type { Choices, Effect, Transition, TransitionContext, Verdict } from './runEvent.ts';
import type { Race, Run } from './state.ts';

/** EXE-1: the due branch executes its action once, ever. Its verdict was formed on fresh facts (EXE-2). */
export function executeDue(run: Run, verdict: Verdict, choices: Choices, ctx: TransitionContext): Transition {
	if (run.status !== 'active' || !run.next || run.next.dueAt > ctx.now) return [run, []];
	if (run.next.branchId === noResponseId) return endRun(run, 'no_response', null, ctx);
	const { target } = getBranch(ctx.plan, run.race, run.next.branchId);
	const { node, decided } = followConditions(ctx.plan, target, choices);
	const [next, effects] = arrive(run, node, verdict, ctx);
	return [next, [...decided.map((one): Effect => ({ kind: 'decided', ...one })), ...effects]];
}

function arrive(
	run: Run,
	node: PlanAction | PlanExit | null,
	verdict: Verdict,
	ctx: TransitionContext
): Transition {
	// GRA-10: a case that leads nowhere is the end of the cadence.
	if (!node) return endRun(run, 'completed', null, ctx);
	if (node.kind === 'exit') {
		const [ended, effects] = endRun(run, node.goal ? 'exit_goal' : 'exit', node.reason || null, ctx);
		return [ended, [{ kind: 'exit', exit: node }, ...effects]];
	}
	// VER-4: a version it was moved to may lead back to what it did before.
	if (run.done.includes(node.id)) return endRun(run, 'no_branch_left', null, ctx);
	return perform(run, node, verdict, ctx);
}

function perform(run: Run, action: PlanAction, verdict: Verdict, ctx: TransitionContext): Transition {
	if (verdict.do === 'fail') {
		// The action that could not run is where the run stands: the Failed tab names it.
		const race = closedRace(action.id);
		const [failed, effects] = endRun({ ...run, race }, verdict.reason, verdict.detail, ctx);
		return [failed, [{ kind: 'refuse', action, reason: verdict.reason }, ...effects]];
	}
	const next = openForChange(run);
	const race: Race = { ...closedRace(action.id), skipped: verdict.do === 'skip' };
	next.race = race;
	next.done.push(action.id);
	// EXE-10: a message counts from its hand-over on; a skipped one opens the race as if sent now (EXE-5).
	const waits = verdict.do === 'execute' && isHandedOver(action.kind);
	if (!waits) openRace(next, race, ctx.now, ctx);
	const [settled, effects] = settleRace(next, ctx);
	return [
		settled,
		[
			verdict.do === 'skip' ? { kind: 'skip', action, reason: verdict.reason } : { kind: 'execute', action },
			...effects
		]
	];
}

const closedRace = (actionId: string): Race => ({
	actionId,
	openedAt: null,
	skipped: false,
	responses: {},
	timed: {}
});
