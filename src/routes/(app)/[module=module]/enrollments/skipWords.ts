import type { EnrollSkip } from '#lib/server/enrollments/enrollInput.ts';
import type { RestartSkip } from '#lib/server/enrollments/restartEnrollments.ts';

/** ENR-6: why a record is left out, in words. */
const words: Record<EnrollSkip | RestartSkip, string> = {
	already_enrolled: 'already in this cadence',
	enrolled_before: 'were in it before: use Re-enroll',
	matches_unenrollment: 'match an un-enroll rule of the cadence',
	converted: 'were converted',
	no_permission: 'belong to somebody else',
	cadence_inactive: 'the cadence is not active',
	wrong_module: 'belong to another module',
	deleted: 'were deleted',
	still_running: 'still running',
	final: 'ended for good'
};

export const skipList = (
	skipped: Partial<Record<EnrollSkip | RestartSkip, number>>
): { reason: string; count: number }[] =>
	(Object.keys(words) as (keyof typeof words)[]).flatMap((key) => {
		const count = skipped[key] ?? 0;
		return count ? [{ reason: words[key], count }] : [];
	});
