import type { EnrollmentAct } from './enrollmentAct.ts';

/** What each act is called, before and after, and what it does. */
export const actTexts: Record<EnrollmentAct['kind'], { verb: string; done: string; text: string }> = {
	unenroll: {
		verb: 'Un-enroll',
		done: 'Un-enrolled',
		text: 'Their pending steps are cancelled: queued messages, open tasks and calls of this cadence go.'
	},
	pause: {
		verb: 'Pause',
		done: 'Paused',
		text: 'Nothing more happens until you resume them, or the date comes. Remaining delays are kept.'
	},
	resume: {
		verb: 'Resume',
		done: 'Resumed',
		text: 'They go on where they stopped, on the live version, with the delays that remained. Withdrawn messages and cancelled tasks come back.'
	},
	restart: {
		verb: 'Restart',
		done: 'Restarted',
		text: 'A new run begins on the live version.'
	},
	skip: {
		verb: 'Skip forward',
		done: 'Sent on',
		text: 'The action you choose is due at once (for paused records, when they go on). A message that still waits is withdrawn; tasks and calls stay.'
	}
};
