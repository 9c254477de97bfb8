import type { EndReason, EnrollmentStatus } from '#lib/domain/enrollment/state.ts';
import type { EnrollmentView } from '#lib/server/enrollments/enrollmentView.ts';

export type { EnrollmentView };

/** Everybody on the list as it is filtered, instead of ticked rows. */
type WholeList = { status: EnrollmentStatus | null; reason: EndReason | null; count: number };

/** What somebody is about to do with enrollments. */
export type EnrollmentAct = {
	kind: 'unenroll' | 'pause' | 'resume' | 'restart' | 'skip';
	rows: readonly EnrollmentView[];
	all: WholeList | null;
};

/** The runs that an act means, as the server's selection schema reads them. */
export const selectionOf = (act: EnrollmentAct) =>
	act.all
		? { all: true, status: act.all.status, reason: act.all.reason }
		: { enrollmentIds: act.rows.map(({ id }) => id) };
