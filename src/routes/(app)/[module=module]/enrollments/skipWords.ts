import type { ReenrollSkip, RestartOnly } from '#lib/server/enrollments/classifyEnded.ts';
import type { EnrollSkip } from '#lib/server/enrollments/enrollInput.ts';

type Skip = EnrollSkip | ReenrollSkip | RestartOnly;

/** ENR-6, REE-1..REE-3: why a record is left out, in words. */
const words: Record<Skip, string> = {
	already_enrolled: 'already in this cadence',
	enrolled_before: 'were in it before: use Re-enroll',
	matches_unenrollment: 'match an un-enroll rule of the cadence',
	converted: 'were converted',
	no_permission: 'belong to somebody else',
	cadence_inactive: 'the cadence is not active',
	wrong_module: 'belong to another module',
	deleted: 'were deleted',
	still_running: 'still running',
	final: 'ended for good',
	record_gone: 'were deleted, merged or converted',
	completed: 'completed: can only be restarted',
	failed: 'failed: can only be restarted',
	exit: 'left by an exit: can only be restarted',
	activity_deleted: 'an activity was deleted: can only be restarted',
	action_gone: 'their action is gone: can only be restarted'
};

export const skipList = (skipped: Partial<Record<Skip, number>>): { reason: string; count: number }[] =>
	(Object.keys(words) as Skip[]).flatMap((key) => {
		const count = skipped[key] ?? 0;
		return count ? [{ reason: words[key], count }] : [];
	});
