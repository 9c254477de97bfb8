import { z } from 'zod';
import { nodeIdSchema } from '#lib/domain/cadence/draft.ts';

const point = z.tuple([z.number(), z.number()]);
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** What a client says about itself (COL-1). Positions are flow coordinates. */
export const presenceSchema = z.object({
	cursor: point.nullable().default(null),
	/** Ids of selected nodes. */
	selection: z.array(nodeIdSchema).max(20).default([]),
	/** Positions during a drag; committed to the document on drop. */
	dragging: z
		.record(nodeIdSchema, point)
		.refine((nodes) => Object.keys(nodes).length <= 60, 'Too many nodes')
		.nullable()
		.default(null),
	/** A sticky note while it is resized: left, top, width, height; committed when it is let go. */
	sizing: z.object({ note: nodeIdSchema, box }).nullable().default(null),
	/** The field that has this person's caret. */
	editing: z
		.object({ node: nodeIdSchema, field: z.string().max(60) })
		.nullable()
		.default(null),
	/** What this person looks at, for those who follow: the middle (x, y) and the zoom. */
	viewport: z.tuple([z.number(), z.number(), z.number()]).nullable().default(null),
	/** The size of the window that is looked through, so that who follows on a smaller one sees all of it. */
	room: point.nullable().default(null)
});
export type Presence = z.infer<typeof presenceSchema>;

/** Set by the server from the session: whatever a client claims is overwritten. */
const presentUserSchema = z.object({
	id: z.uuid(),
	name: z.string().max(200),
	/** One of the eight presence colors of the theme, by index. */
	color: z.int().min(0).max(7)
});

export const awarenessStateSchema = presenceSchema.extend({ user: presentUserSchema });
export type AwarenessState = z.infer<typeof awarenessStateSchema>;

/** Bytes of one state, as JSON. */
export const maxAwarenessBytes = 4096;

/** The same color for the same person everywhere. */
export function presenceColor(userId: string): number {
	let sum = 0;
	for (const char of userId) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
	return sum % 8;
}
