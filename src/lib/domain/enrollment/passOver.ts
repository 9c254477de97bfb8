import { findAction } from './branches.ts';
import { openForChange, openRace, settleRace } from './race.ts';
import type { SkipReason, Transition, TransitionContext } from './runEvent.ts';
import { isLive, type RecordedResponse, type Run } from './state.ts';

/**
 * EXE-5, EXE-2: at hand-over the recipient turned out to be suppressed. The race opens as if sent at that moment but
 * without a message; it counts as skipped.
 */
export function passOver(
	run: Run,
	response: RecordedResponse,
	reason: SkipReason,
	ctx: TransitionContext
): Transition {
	const action = findAction(ctx.plan, response.actionId);
	if (!action) return [run, []];
	const skipped = { kind: 'passedOver' as const, action, reason, at: response.at };
	const next = openForChange(run);
	const race = next.race;
	const waits = isLive(run.status) && race?.actionId === action.id && race.openedAt === null;
	if (!waits) return [run, [skipped]];
	race.skipped = true;
	openRace(next, race, response.at, ctx);
	const [settled, effects] = settleRace(next, ctx);
	return [settled, [skipped, ...effects]];
}
