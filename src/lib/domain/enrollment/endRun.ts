import { endStatusOf, withdraws } from './endReason.ts';
import type { Transition, TransitionContext } from './runEvent.ts';
import { isLive, type EndReason, type Run } from './state.ts';

/**
 * Ends a live run; an ended one never moves. What was timed stays in `race` (and in `frozen` when it was paused), so
 * that a resume knows the remaining delays (REE-4).
 */
export function endRun(
	run: Run,
	reason: EndReason,
	detail: string | null,
	{ now }: Pick<TransitionContext, 'now'>
): Transition {
	if (!isLive(run.status)) return [run, []];
	const status = endStatusOf(reason);
	// Before the first action nothing else remembers it.
	const frozen =
		!run.race && run.next
			? { [run.next.branchId]: { remaining: 0, business: false, until: run.next.dueAt } }
			: run.frozen;
	return [
		{
			...run,
			frozen,
			status,
			next: null,
			pauseCauses: [],
			endedAt: now,
			endReason: reason,
			endDetail: detail
		},
		[{ kind: 'ended', status, reason, detail, withdraw: withdraws(reason) }]
	];
}
