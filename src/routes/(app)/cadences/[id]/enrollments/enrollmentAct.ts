import type { EnrollmentView } from '#lib/server/enrollments/enrollmentView.ts';

export type { EnrollmentView };

/** What somebody is about to do with enrollments. */
export type EnrollmentAct = {
	kind: 'unenroll' | 'pause' | 'resume' | 'restart';
	rows: readonly EnrollmentView[];
};
