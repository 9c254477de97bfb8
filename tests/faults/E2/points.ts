const kinds = ['mail', 'whatsapp', 'task', 'call', 'webhook'] as const;
export type Kind = (typeof kinds)[number];

const sends: readonly Kind[] = ['mail', 'whatsapp'];
const calls: readonly Kind[] = ['webhook'];

/** Every named place, and the kinds of action whose history passes it. */
export const points: Readonly<Record<string, readonly Kind[]>> = {
	'enroll.inserted': kinds,
	'enroll.written': kinds,
	'advance.claimed': kinds,
	'advance.checked': kinds,
	'advance.moved': kinds,
	'batch.begun': kinds,
	'batch.effects': kinds,
	'advance.written': kinds,
	'responses.claimed': kinds,
	'responses.taken': kinds,
	'responses.written': kinds,
	'claim.checked': sends,
	'claim.locked': sends,
	'claim.written': sends,
	'claim.committed': sends,
	'mail.354': ['mail'],
	'mail.marked': ['mail'],
	'mail.250': ['mail'],
	'whatsapp.marked': ['whatsapp'],
	'whatsapp.answered': ['whatsapp'],
	'extras.written': calls,
	'webhook.written': calls,
	'webhook.claimed': calls,
	'webhook.answered': calls,
	'webhook.settled': calls,
	'webhook.recorded': calls,
	'settle.begun': sends,
	'settle.committed': sends,
	'sweep.written': kinds,
	'sweep.scheduled': kinds,
	'inbound.recorded': sends,
	'inbound.stored': sends,
	'changes.taken': kinds,
	'changes.judged': kinds,
	'changes.written': kinds,
	'task.written': kinds,
	'task.committed': kinds,
	'scan.page': kinds,
	'scan.enrolled': kinds,
	'scan.unenrolled': kinds,
	'scan.finished': kinds,
	'end.locked': kinds,
	'end.written': kinds,
	'unenroll.written': kinds,
	'deactivate.stored': kinds,
	'deactivate.written': kinds,
	'publish.stored': kinds,
	'publish.written': kinds
};

/**
 * The two stretches between 354 and the commit of the outcome: before the answer is known, and after. Nobody can tell
 * afterwards what became of the message, so it is doubtful there, and nowhere else.
 */
export const doubtfulAt: ReadonlySet<string> = new Set([
	'mail.marked',
	'whatsapp.marked',
	...['mail.250', 'whatsapp.answered', 'settle.begun']
]);
