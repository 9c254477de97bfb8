import { z } from 'zod';
import { criteriaSchema } from '../criteria/criteria.ts';
import { delaySchema, timeOfDaySchema, weekdaysSchema, windowSchema } from '../time/delay.ts';

/**
 * A draft is what the Yjs document projects to (collab/): it may be invalid at any moment. `compilePlan`
 * turns it into an executable plan or a list of violations. Ids are stable over versions.
 */
export const nodeIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/);

/** `email`, or `contact.email` for a field of the record that a lookup field names (GRA-8). */
const fieldPathSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,60}(\.[A-Za-z][A-Za-z0-9_]{0,60})?$/);

const ownerRuleSchema = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('recordOwner'), fallbackUserId: z.uuid().optional() }),
	z.object({ kind: z.literal('user'), userId: z.uuid(), fallbackUserId: z.uuid().optional() }),
	/** GRA-8 [+]: the next active user of the list, per action. */
	z.object({
		kind: z.literal('roundRobin'),
		userIds: z.array(z.uuid()).max(20),
		fallbackUserId: z.uuid().optional()
	})
]);
export type OwnerRule = z.infer<typeof ownerRuleSchema>;

const senderRuleSchema = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('recordOwner'), fallbackSenderId: z.uuid().optional() }),
	z.object({ kind: z.literal('sender'), senderId: z.uuid(), fallbackSenderId: z.uuid().optional() })
]);
export type SenderRule = z.infer<typeof senderRuleSchema>;

/** Due or start = execution + amount days / business days, at a time of day (record's time zone). */
const dueRuleSchema = z.object({
	amount: z.int().min(0).max(99),
	unit: z.enum(['days', 'businessDays']),
	at: timeOfDaySchema
});
export type DueRule = z.infer<typeof dueRuleSchema>;

const node = {
	id: nodeIdSchema,
	/** [x, y], one value so that ten thousand drags stay one entry of the document. */
	position: z.tuple([z.number(), z.number()]),
	title: z.string().max(100).default(''),
	notes: z.string().max(5000).default('')
};

/** GRA-8 [+]: a further template of an e-mail. */
export const emailVariantSchema = z.object({
	id: nodeIdSchema,
	templateId: z.uuid().nullable(),
	weight: z.int().min(1).max(100)
});
export type EmailVariant = z.infer<typeof emailVariantSchema>;
export const maxVariants = 4;

/** GRA-10. */
export const conditionCaseSchema = z.object({
	id: nodeIdSchema,
	label: z.string().max(100),
	criteria: criteriaSchema.nullable()
});
export type ConditionCase = z.infer<typeof conditionCaseSchema>;
export const maxCases = 10;

const reminder = z.int().min(0).max(10_080).nullable().default(null);

export const draftNodeSchema = z.discriminatedUnion('kind', [
	z.object({ ...node, kind: z.literal('start') }),
	z.object({
		...node,
		kind: z.literal('email'),
		templateId: z.uuid().nullable().default(null),
		sender: senderRuleSchema.nullable().default(null),
		replyTo: z.string().max(254).default(''),
		recipient: fieldPathSchema.nullable().default(null),
		threaded: z.boolean().default(false),
		/** GRA-8 [+]: A/B: further templates beside the first one, which has `weight`. */
		weight: z.int().min(1).max(100).optional(),
		variants: z.array(emailVariantSchema).max(maxVariants).optional(),
		/** GRA-8 [+]: held until the owner has completed a task that shows it. */
		review: z.boolean().optional(),
		/** Who reviews; the record's owner when absent. */
		reviewer: ownerRuleSchema.optional()
	}),
	z.object({
		...node,
		kind: z.literal('task'),
		subject: z.string().max(250).default(''),
		description: z.string().max(5000).default(''),
		due: dueRuleSchema.default({ amount: 1, unit: 'businessDays', at: '17:00' }),
		priority: z.enum(['Low', 'Normal', 'High']).default('Normal'),
		owner: ownerRuleSchema.default({ kind: 'recordOwner' }),
		/** Minutes before due; null = none. */
		reminder
	}),
	z.object({
		...node,
		kind: z.literal('call'),
		subject: z.string().max(250).default(''),
		agenda: z.string().max(5000).default(''),
		start: dueRuleSchema.default({ amount: 0, unit: 'days', at: '10:00' }),
		owner: ownerRuleSchema.default({ kind: 'recordOwner' }),
		recipient: fieldPathSchema.nullable().default(null),
		reminder
	}),
	z.object({
		...node,
		kind: z.literal('whatsapp'),
		templateId: z.uuid().nullable().default(null),
		recipient: fieldPathSchema.nullable().default(null),
		/** Template variable ("1", "2", ...) -> merge text such as `{{lead.firstName}}`. */
		variables: z.record(z.string().max(40), z.string().max(500)).default({})
	}),
	z.object({
		...node,
		kind: z.literal('updateField'),
		/** A field of the record; null: not chosen yet. */
		field: z.string().max(61).nullable().default(null),
		/** null clears the field; text may hold merge fields. */
		value: z
			.union([z.string().max(5000), z.number(), z.boolean(), z.array(z.string().max(200)).max(100), z.null()])
			.default(null)
	}),
	z.object({
		...node,
		kind: z.literal('tags'),
		add: z.array(z.string().trim().min(1).max(50)).max(20).default([]),
		remove: z.array(z.string().trim().min(1).max(50)).max(20).default([])
	}),
	z.object({
		...node,
		kind: z.literal('changeOwner'),
		owner: ownerRuleSchema.nullable().default(null)
	}),
	z.object({
		...node,
		kind: z.literal('webhook'),
		url: z.string().max(2000).default('')
	}),
	z.object({
		...node,
		kind: z.literal('enroll'),
		/** A manual cadence of the same module. */
		cadenceId: z.uuid().nullable().default(null)
	}),
	z.object({
		...node,
		kind: z.literal('condition'),
		/** GRA-10: tried in order. A case's branch has the response `case` with the case's id. */
		cases: z.array(conditionCaseSchema).max(maxCases).default([])
	}),
	z.object({
		...node,
		kind: z.literal('exit'),
		reason: z.string().max(100).default(''),
		/** GRA-1: an exit marked as goal completes the run, else it stops it. */
		goal: z.boolean().default(false)
	})
]);
export type DraftNode = z.infer<typeof draftNodeSchema>;
export type NodeKind = DraftNode['kind'];
export type DraftNodeOf<K extends NodeKind> = Extract<DraftNode, { kind: K }>;

const responseRef = { response: z.string().max(40), parameter: z.string().max(200).optional() };

/** Keyed by GRA-2's branch key, so that one response can hold one branch by construction. */
export const draftEdgeSchema = z.object({
	source: nodeIdSchema,
	/** `entry` when the source is the start node. */
	...responseRef,
	target: nodeIdSchema,
	delay: delaySchema,
	/** GRA-2 [+]: further responses of the same action that take this branch too. */
	also: z.array(z.object(responseRef)).max(20).default([])
});
export type DraftEdge = z.infer<typeof draftEdgeSchema>;

const outcomeRuleSchema = z.object({
	channel: z.enum(['email', 'task', 'call', 'whatsapp']),
	/** One action, or any action of the channel. */
	actionId: nodeIdSchema.nullable().default(null),
	responses: z.array(z.object(responseRef)).min(1).max(30)
});
export type OutcomeRule = z.infer<typeof outcomeRuleSchema>;

const scanSchema = z.object({
	amount: z.int().min(1).max(99),
	unit: z.enum(['hours', 'days', 'weeks'])
});

export const draftSettingsSchema = z.object({
	/** Audience of a view cadence; null for manual enrollment. */
	viewId: z.uuid().nullable().default(null),
	/** ENR-2: null = immediately. */
	scan: scanSchema.nullable().default(null),
	/** UNE-1 (a)-(d). */
	unenroll: z
		.object({
			leavesView: z.boolean().default(false),
			onDate: z.iso.date().nullable().default(null),
			criteria: criteriaSchema.nullable().default(null),
			outcomes: z.array(outcomeRuleSchema).max(50).default([])
		})
		.prefault({}),
	/** Sending window for e-mail and WhatsApp of the whole cadence. */
	window: windowSchema.nullable().default(null),
	weekdays: weekdaysSchema.nullable().default(null),
	/** EXE-9. */
	lateReply: z.enum(['unenroll', 'record']).default('unenroll'),
	/** EXE-3 [+]; null = off. */
	endAfterDays: z.int().min(1).max(365).nullable().default(null),
	trackOpens: z.boolean().default(true),
	trackClicks: z.boolean().default(true)
});
export type DraftSettings = z.infer<typeof draftSettingsSchema>;

export const draftSchema = z.object({
	settings: draftSettingsSchema.prefault({}),
	nodes: z.record(nodeIdSchema, draftNodeSchema),
	edges: z.record(z.string().max(300), draftEdgeSchema)
});
export type Draft = z.infer<typeof draftSchema>;

/** A new cadence: the start node alone. */
export const emptyDraft = (settings: Partial<DraftSettings> = {}): Draft =>
	draftSchema.parse({
		settings,
		nodes: { start: { id: 'start', kind: 'start', position: [0, 0] } },
		edges: {}
	});
