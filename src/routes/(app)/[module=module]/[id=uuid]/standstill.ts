import { nodeLook } from '#lib/components/nodeLook.ts';
import { pauseCauseText } from '#lib/domain/enrollment/endReasonText.ts';
import { waitText } from '#lib/domain/enrollment/waitText.ts';
import type { EnrollmentStatus, PauseCause } from '#lib/domain/enrollment/state.ts';

type Action = { kind: string; followUp: number; title: string } | null;
type Standing = {
	status: EnrollmentStatus;
	pauseCauses: readonly PauseCause[];
	waitReason: string | null;
	dueAt: Date | null;
	current: Action;
};

/** "Follow-up 3 · Call": what positions always mean. */
export function actionName(action: Action): string {
	if (!action) return '';
	const looks: Record<string, { label: string } | undefined> = nodeLook;
	const label = looks[action.kind]?.label ?? action.kind;
	// GRA-4: conditions and exits are no follow-ups.
	if (action.kind === 'condition' || action.kind === 'exit')
		return action.title ? `${label} · ${action.title}` : label;
	return `Follow-up ${action.followUp} · ${action.title || label}`;
}

/** ENR-8: why a run is not moving, in one sentence; empty when it has ended. */
export function standstill({ status, pauseCauses, waitReason, dueAt, current }: Standing): string {
	if (status === 'paused') return pauseCauses.map((cause) => pauseCauseText[cause]).join(', ');
	if (status !== 'active') return '';
	if (waitReason) return `Message waits: ${waitText(waitReason)}`;
	if (dueAt) return 'Due now';
	return current ? 'Waits for a response' : 'Starts in a moment';
}
