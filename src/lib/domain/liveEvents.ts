import { z } from 'zod';

/**
 * What `/events` (server-sent events, one stream per open page) tells a person's pages. Each message is the
 * default event type with one of these as JSON. A missed message loses nothing: the pages load the same facts.
 */
export const liveEventSchema = z.discriminatedUnion('kind', [
	/** CRM-9: a call is due now. Also sent again when a snooze ends. */
	z.object({
		kind: z.literal('callDue'),
		activityId: z.uuid(),
		recordName: z.string(),
		/** Page of the record, `/leads/<id>`. */
		recordLink: z.string(),
		phone: z.string().nullable(),
		subject: z.string(),
		agenda: z.string(),
		cadenceName: z.string().nullable(),
		dueAt: z.iso.datetime({ offset: true })
	}),
	/** A line for the bell. */
	z.object({
		kind: z.literal('notification'),
		id: z.uuid(),
		title: z.string(),
		body: z.string(),
		link: z.string().nullable(),
		createdAt: z.iso.datetime({ offset: true })
	}),
	/** The numbers beside Work and on the bell. */
	z.object({
		kind: z.literal('counts'),
		due: z.int().min(0).optional(),
		unread: z.int().min(0).optional()
	})
]);
export type LiveEvent = z.infer<typeof liveEventSchema>;
export type CallDue = Extract<LiveEvent, { kind: 'callDue' }>;
