import { editDecisions, type EditDecision } from '#lib/domain/cadence/publish.ts';
import type { PublishPreview } from './publishCalls.ts';

export type Decision = EditDecision;
export const isDecision = (value: unknown): value is Decision =>
	editDecisions.some((decision) => decision === value);

/** VER-4: how many records publishing would stop: those of "stop", and of "move" those that cannot be moved. */
export const countStopped = (
	affected: PublishPreview['affected'],
	decisions: Readonly<Record<string, Decision>>
): number =>
	affected.reduce((sum, { actionId, count, movable }) => {
		const decision = decisions[actionId] ?? 'stop';
		return sum + (decision === 'stop' ? count : decision === 'move' ? count - movable : 0);
	}, 0);
