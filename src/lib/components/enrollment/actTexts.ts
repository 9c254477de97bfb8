import type { EnrollmentActKind } from '#lib/domain/enrollment/possibleActs.ts';

/** What each act is called, before and after, and what it does. */
export const actTexts: Record<EnrollmentActKind, { verb: string; done: string; text: string }> = {
	unenroll: {
		verb: 'Un-enroll',
		done: 'Un-enrolled',
		text: 'Pending steps are cancelled: queued messages, open tasks and calls of this cadence go.'
	},
	pause: {
		verb: 'Pause',
		done: 'Paused',
		text: 'Nothing more happens until somebody resumes it, or the date comes. Remaining delays are kept.'
	},
	resume: {
		verb: 'Resume',
		done: 'Resumed',
		text: 'Goes on where it stopped, on the live version, with the delays that remained. Withdrawn messages and cancelled tasks come back.'
	},
	restart: {
		verb: 'Restart',
		done: 'Restarted',
		text: 'A new run begins on the live version.'
	},
	skip: {
		verb: 'Skip forward',
		done: 'Sent on',
		text: 'The action you choose is due at once, or when a paused run goes on. A message that still waits is withdrawn; tasks and calls stay.'
	}
};
