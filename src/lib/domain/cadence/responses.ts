/** GRA-6: what can come back from an action, per channel. One list for canvas, compiler, engine and reports. */
export const channels = ['email', 'task', 'call', 'whatsapp'] as const;
export type Channel = (typeof channels)[number];

export type ResponseKind =
	| 'sent'
	| 'opened'
	| 'clicked'
	| 'replied'
	| 'bounced'
	| 'unsubscribed'
	| 'notOpened'
	| 'notClicked'
	| 'notReplied'
	| 'created'
	| 'result'
	| 'status'
	| 'overdue'
	| 'cancelled'
	| 'notLogged'
	| 'notCompleted'
	| 'delivered'
	| 'failed'
	| 'read'
	| 'notDelivered'
	| 'notRead';

export type ResponseDefinition = {
	kind: ResponseKind;
	label: string;
	/** none: never has a parameter; optional: the general response or one value of it; required: a value is needed. */
	parameter: 'none' | 'optional' | 'required';
	/** GRA-11: a negative response; its delay is N and `of` is the positive one that loses it. */
	negativeOf?: ResponseKind;
};

export const responsesByChannel: Record<Channel, readonly ResponseDefinition[]> = {
	email: [
		{ kind: 'sent', label: 'Sent', parameter: 'none' },
		{ kind: 'opened', label: 'Opened', parameter: 'none' },
		{ kind: 'clicked', label: 'Clicked', parameter: 'optional' },
		{ kind: 'replied', label: 'Replied', parameter: 'none' },
		{ kind: 'bounced', label: 'Bounced', parameter: 'optional' },
		{ kind: 'unsubscribed', label: 'Unsubscribed', parameter: 'none' },
		{ kind: 'notOpened', label: 'Not opened', parameter: 'none', negativeOf: 'opened' },
		{ kind: 'notClicked', label: 'Not clicked', parameter: 'none', negativeOf: 'clicked' },
		{ kind: 'notReplied', label: 'Not replied', parameter: 'none', negativeOf: 'replied' }
	],
	call: [
		{ kind: 'created', label: 'Created', parameter: 'none' },
		{ kind: 'result', label: 'Result', parameter: 'required' },
		{ kind: 'overdue', label: 'Missed', parameter: 'none' },
		{ kind: 'cancelled', label: 'Cancelled', parameter: 'none' },
		{ kind: 'notLogged', label: 'Not logged', parameter: 'none', negativeOf: 'result' }
	],
	task: [
		{ kind: 'created', label: 'Created', parameter: 'none' },
		{ kind: 'status', label: 'Status', parameter: 'required' },
		{ kind: 'overdue', label: 'Overdue', parameter: 'none' },
		{ kind: 'notCompleted', label: 'Not completed', parameter: 'none', negativeOf: 'status' }
	],
	whatsapp: [
		{ kind: 'sent', label: 'Sent', parameter: 'none' },
		{ kind: 'delivered', label: 'Delivered', parameter: 'none' },
		{ kind: 'failed', label: 'Failed', parameter: 'none' },
		{ kind: 'read', label: 'Read', parameter: 'none' },
		{ kind: 'replied', label: 'Replied', parameter: 'optional' },
		{ kind: 'notDelivered', label: 'Not delivered', parameter: 'none', negativeOf: 'delivered' },
		{ kind: 'notRead', label: 'Not read', parameter: 'none', negativeOf: 'read' },
		{ kind: 'notReplied', label: 'Not replied', parameter: 'none', negativeOf: 'replied' }
	]
};

export const taskStatuses = ['Not started', 'In progress', 'Waiting', 'Deferred', 'Completed'] as const;
export const defaultCallResults = [
	'Interested',
	'Not interested',
	'No response',
	'Busy',
	'Requested more info',
	'Requested call back',
	'Invalid number'
] as const;

/** One response of one action, as a branch or an outcome rule names it. */
export type ResponseRef = { response: ResponseKind; parameter?: string | undefined };

/** GRA-2: the key of a branch, also its id in the plan. The parameter is URI-encoded. */
export const branchKey = (actionId: string, ref: ResponseRef): string =>
	ref.parameter === undefined
		? `${actionId}/${ref.response}`
		: `${actionId}/${ref.response}/${encodeURIComponent(ref.parameter)}`;

/** The key of a response inside one action's race: `replied`, `result/Busy`. */
export const responseKey = (ref: ResponseRef): string =>
	ref.parameter === undefined ? ref.response : `${ref.response}/${ref.parameter}`;

/** The one edge that leaves the start node. */
export const entryKey = 'start/entry';
export const startNodeId = 'start';
