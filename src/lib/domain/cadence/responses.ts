/** GRA-6: what can come back from an action, per channel. One list for canvas, compiler, engine and reports. */
export const channels = ['email', 'task', 'call', 'whatsapp'] as const;
export type Channel = (typeof channels)[number];

/** GRA-8 [+]: actions that reach nobody. */
const extraActions = ['updateField', 'tags', 'changeOwner', 'webhook', 'enroll'] as const;
export type ExtraAction = (typeof extraActions)[number];

export const actionKinds = [...channels, ...extraActions] as const;
export type ActionKind = (typeof actionKinds)[number];
/** What branches leave; GRA-10: a condition is no action. */
export type BranchingKind = ActionKind | 'condition';

const actionKindSet: ReadonlySet<string> = new Set(actionKinds);
export const isActionKind = (kind: string): kind is ActionKind => actionKindSet.has(kind);

const extraActionSet: ReadonlySet<string> = new Set(extraActions);
export const isExtraAction = (kind: string): kind is ExtraAction => extraActionSet.has(kind);

/** EXE-10: kinds that count as executed when somebody outside has taken them, not when they are queued. */
export const isHandedOver = (kind: ActionKind): kind is 'email' | 'whatsapp' | 'webhook' =>
	kind === 'email' || kind === 'whatsapp' || kind === 'webhook';

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
	| 'notRead'
	| 'done'
	| 'case'
	| 'else';

export type ResponseDefinition = {
	kind: ResponseKind;
	label: string;
	/** none: never has a parameter; optional: the general response or one value of it; required: a value is needed. */
	parameter: 'none' | 'optional' | 'required';
	/** GRA-11: a negative response; its delay is N and `of` is the positive one that loses it. */
	negativeOf?: ResponseKind;
};

const done: ResponseDefinition = { kind: 'done', label: 'Done', parameter: 'none' };

export const responsesByKind: Record<BranchingKind, readonly ResponseDefinition[]> = {
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
	],
	updateField: [done],
	tags: [done],
	changeOwner: [done],
	webhook: [done, { kind: 'failed', label: 'Failed', parameter: 'none' }],
	enroll: [done],
	condition: [
		{ kind: 'case', label: 'Case', parameter: 'required' },
		{ kind: 'else', label: 'Else', parameter: 'none' }
	]
};

/** GRA-7: the response that opens the race of an action. */
export function openingResponse(kind: ActionKind): 'sent' | 'created' | 'done' {
	if (kind === 'email' || kind === 'whatsapp') return 'sent';
	return kind === 'task' || kind === 'call' ? 'created' : 'done';
}

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
