import type { EnrollSkip } from '#lib/server/enrollments/enrollInput.ts';

/** GRA-8: why the action "enroll" found nobody to enroll. */
const enrollWords: Record<EnrollSkip, string> = {
	already_enrolled: 'already in it',
	enrolled_before: 'was in it before',
	matches_unenrollment: 'matches its un-enroll rules',
	converted: 'was converted',
	no_permission: 'belongs to somebody else',
	cadence_inactive: 'it is not active',
	wrong_module: 'belongs to another module',
	deleted: 'was deleted'
};

const doneWords: Record<string, string> = {
	updateField: 'Field updated',
	tags: 'Tags changed',
	changeOwner: 'Owner changed',
	webhook: 'Webhook taken by its receiver',
	enroll: 'Enrolled in another cadence'
};

/** CRM-8: what an action that reaches nobody did, as a sentence. */
export function doneTitle(kind: string | undefined, outcome: unknown): string {
	const refused = Object.entries(enrollWords).find(([code]) => code === outcome)?.[1];
	if (kind === 'enroll' && refused) return `Not enrolled in another cadence: ${refused}`;
	return doneWords[kind ?? ''] ?? 'Done';
}
