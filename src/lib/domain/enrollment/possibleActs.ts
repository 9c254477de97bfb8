import { isFinal, isResumable } from './endReason.ts';
import { isLive, type EndReason, type EnrollmentStatus, type PauseCause } from './state.ts';

/** ENR-8, REE-1, UNE-3: what a person can do with an enrollment, in the order of a menu. */
export const actKinds = ['pause', 'resume', 'skip', 'restart', 'unenroll'] as const;
export type EnrollmentActKind = (typeof actKinds)[number];

type Standing = {
	status: EnrollmentStatus;
	pauseCauses: readonly PauseCause[];
	endReason: EndReason | null;
};

/**
 * ENR-8, REE-1: the acts that the run itself and the person's rights leave open. What the record, the
 * cadence and its rules say besides (REE-0, REE-3, ENR-3) is the server's answer when one of them is asked for.
 */
export function possibleActs(
	{ status, pauseCauses, endReason }: Standing,
	can: { enroll: boolean; unenroll: boolean }
): EnrollmentActKind[] {
	const live = isLive(status);
	const open: Record<EnrollmentActKind, boolean> = {
		pause: can.enroll && status === 'active',
		resume:
			can.enroll && (live ? pauseCauses.includes('person') : endReason !== null && isResumable(endReason)),
		skip: can.enroll && live,
		restart: can.enroll && !live && endReason !== null && !isFinal(endReason),
		unenroll: can.unenroll && live
	};
	return actKinds.filter((kind) => open[kind]);
}
