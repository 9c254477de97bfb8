import type { PlanAction } from '../plan/plan.ts';
import { getBranch, getNode } from './branches.ts';
import { endRun } from './endRun.ts';
import { noResponseId, openForChange, openRace, settleRace } from './race.ts';
import type { Transition, TransitionContext, Verdict } from './runEvent.ts';
import type { Race, Run } from './state.ts';

/** EXE-1: the due branch executes its action once, ever. Its verdict was formed on fresh facts (EXE-2). */
export function executeDue(run: Run, verdict: Verdict, ctx: TransitionContext): Transition {
	if (run.status !== 'active' || !run.next || run.next.dueAt > ctx.now) return [run, []];
	if (run.next.branchId === noResponseId) return endRun(run, 'no_response', null, ctx);
	const target = getNode(ctx.plan, getBranch(ctx.plan, run.race, run.next.branchId).target);
	if (target.kind === 'exit') {
		const [ended, effects] = endRun(run, target.goal ? 'exit_goal' : 'exit', target.reason || null, ctx);
		return [ended, [{ kind: 'exit', exit: target }, ...effects]];
	}
	if (run.done.includes(target.id)) throw new Error(`Action ${target.id} was executed in this run before.`);
	return perform(run, target, verdict, ctx);
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
	const waits = verdict.do === 'execute' && (action.kind === 'email' || action.kind === 'whatsapp');
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
