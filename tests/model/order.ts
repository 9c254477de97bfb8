import type { PlanBranch } from '../../src/lib/domain/plan/plan.ts';

/** GRA-7: who goes first of those that are due together. */
const order = [
	['bounced', 'failed'],
	['unsubscribed'],
	['replied'],
	['clicked'],
	['opened'],
	['read'],
	['delivered'],
	['result', 'status', 'overdue', 'cancelled'],
	['sent', 'created', 'done']
];

/** Smaller is earlier: exits, then by response, negatives last; one link or button before any. */
export function placeOf(branch: Pick<PlanBranch, 'when'>, targetKind: string): number {
	if (targetKind === 'exit') return -1;
	const places = branch.when.map(({ response, parameter }) => {
		const found = order.findIndex((kinds) => kinds.includes(response));
		return (found < 0 ? order.length : found) + (parameter === undefined ? 0.5 : 0);
	});
	return Math.min(...places);
}
