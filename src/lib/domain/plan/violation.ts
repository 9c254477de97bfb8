import type { DraftNode } from '../cadence/draft.ts';
import type { Violation } from './plan.ts';

/** Every code a violation can carry; stable, because tests, the API and translations name them. */
export type ViolationCode =
	| 'draft.unreadable'
	| 'graph.start'
	| 'graph.entry'
	| 'graph.noAction'
	| 'graph.danglingEdge'
	| 'graph.intoStart'
	| 'graph.exitHasBranch'
	| 'graph.unreachable'
	| 'graph.cycle'
	| 'branch.key'
	| 'branch.response'
	| 'branch.parameter'
	| 'branch.duplicate'
	| 'branch.negativeMixed'
	| 'delay.range'
	| 'delay.timeOfDay'
	| 'delay.negative'
	| 'delay.neverFits'
	| 'channel.module'
	| 'email.template'
	| 'email.sender'
	| 'email.recipient'
	| 'email.replyTo'
	| 'email.mergeFields'
	| 'email.unsubscribeLink'
	| 'email.threaded'
	| 'email.variants'
	| 'email.reviewer'
	| 'task.subject'
	| 'task.owner'
	| 'call.subject'
	| 'call.recipient'
	| 'call.owner'
	| 'text.mergeFields'
	| 'whatsapp.account'
	| 'whatsapp.template'
	| 'whatsapp.recipient'
	| 'whatsapp.variables'
	| 'updateField.field'
	| 'updateField.value'
	| 'tags.empty'
	| 'tags.conflict'
	| 'changeOwner.owner'
	| 'webhook.url'
	| 'enroll.cadence'
	| 'enroll.inactive'
	| 'enroll.ring'
	| 'condition.noCase'
	| 'condition.case'
	| 'condition.criteria'
	| 'condition.delay'
	| 'condition.openEnd'
	| 'limit.actions'
	| 'settings.view'
	| 'settings.leavesView'
	| 'settings.onDate'
	| 'settings.criteria'
	| 'settings.outcomes'
	| 'settings.window'
	| 'run.waitsForEver'
	| 'audience.nobodyStays';

export const error = (code: ViolationCode, at: Violation['at'], message: string): Violation => ({
	code,
	severity: 'error',
	message,
	at
});
export const warning = (code: ViolationCode, at: Violation['at'], message: string): Violation => ({
	code,
	severity: 'warning',
	message,
	at
});

const kindLabels: Record<DraftNode['kind'], string> = {
	start: 'Start',
	email: 'E-mail',
	task: 'Task',
	call: 'Call',
	whatsapp: 'WhatsApp',
	updateField: 'Update field',
	tags: 'Tags',
	changeOwner: 'Change owner',
	webhook: 'Webhook',
	enroll: 'Enroll',
	condition: 'Condition',
	exit: 'Exit'
};
export const kindLabel = (kind: DraftNode['kind']): string => kindLabels[kind];

/** How sentences call a node: its title, else its kind. */
export const nodeLabel = (node: DraftNode): string =>
	node.title ? `"${node.title}"` : kindLabels[node.kind];
