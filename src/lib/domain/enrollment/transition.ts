import { assertNever } from '../errors.ts';
import { addDelay } from '../time/addDelay.ts';
import { applyResponse } from './applyResponse.ts';
import { findAction, skipId } from './branches.ts';
import { endRun } from './endRun.ts';
import { executeDue } from './executeDue.ts';
import { moveRun } from './moveRun.ts';
import { passOver } from './passOver.ts';
import { pauseRun, resumeRun } from './pauseRun.ts';
import { resumeStopped } from './resumeStopped.ts';
import { skipTo } from './skipTo.ts';
import type { RunEvent, Transition, TransitionContext } from './runEvent.ts';
import { isLive, type Run } from './state.ts';

/** A run nobody has enrolled yet. */
export const newRun = (runNo = 1): Run => ({
	runNo,
	status: 'active',
	pauseCauses: [],
	race: null,
	next: null,
	done: [],
	endedAt: null,
	endReason: null,
	endDetail: null,
	frozen: null
});

/**
 * The heart: (run, what happened) -> (run, what to do). Pure and total; engine, simulator and tests call this one
 * function (DESIGN.md 4). An event that does not concern the run in its state returns it unchanged with no effects.
 */
export function transition(run: Run, event: RunEvent, ctx: TransitionContext): Transition {
	switch (event.kind) {
		case 'enroll':
			return start(run, event.startAt, ctx);
		case 'restart':
			return isLive(run.status) ? [run, []] : start(newRun(run.runNo + 1), event.startAt, ctx);
		case 'due':
			return executeDue(run, event.verdict, event.choices ?? {}, ctx);
		case 'response':
			return event.skipped
				? passOver(run, event.response, event.skipped, ctx)
				: applyResponse(run, event.response, event.failure, ctx);
		case 'unenroll':
			return endRun(run, event.reason, event.detail, ctx);
		case 'pause':
			return pauseRun(run, event.cause, ctx);
		case 'resume':
			return resumeRun(run, event.cause, ctx);
		case 'skipTo':
			return skipTo(run, event.actionId, ctx);
		case 'move':
			return moveRun(run, event.to, event.enrolledAt, ctx);
		case 'resumeStopped':
			return resumeStopped(run, event, ctx);
		default:
			return assertNever(event);
	}
}

/** GRA-1: the one entry, immediately or after its delay; ENR-8: or an action, at once. */
function start(run: Run, startAt: string | undefined, ctx: TransitionContext): Transition {
	const { entry } = ctx.plan;
	const next =
		startAt !== undefined && findAction(ctx.plan, startAt)
			? { branchId: skipId(startAt), dueAt: ctx.now }
			: { branchId: entry.id, dueAt: addDelay(ctx.now, entry.delay, ctx.timeZone, ctx.calendar) };
	return [{ ...run, status: 'active', next }, [{ kind: 'enrolled' }]];
}
