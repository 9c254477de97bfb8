import * as Y from 'yjs';
import { z } from 'zod';
import { nodeIdSchema } from '#lib/domain/cadence/draft.ts';

/** COL-3: so many, and so long, that they never crowd out the drawing in the document's cap. */
export const commentLimits = { count: 500, text: 1000, mentions: 20 } as const;

const mark = z.strictObject({ by: z.uuid(), at: z.int().min(0) });
const written = {
	/** Who wrote it: the server takes no other than the sender. */
	by: z.uuid(),
	at: z.int().min(0),
	text: z.string().trim().min(1).max(commentLimits.text),
	/** The people named in the text, who are told. */
	mentions: z.array(z.uuid()).max(commentLimits.mentions),
	editedAt: z.int().min(0).optional()
};
const rootSchema = z.strictObject({
	...written,
	/** null: about the cadence as a whole. */
	node: nodeIdSchema.nullable(),
	/** What the node was called: it may be gone when somebody reads this. */
	about: z.string().max(100),
	resolved: mark.optional()
});
const replySchema = z.strictObject({ ...written, thread: nodeIdSchema });
const commentSchema = z.union([replySchema, rootSchema]);

type Stored = z.infer<typeof commentSchema>;
export type Comment = z.infer<z.ZodObject<typeof written>> & { id: string };
/** `lost`: its first comment was deleted, the replies to it were not. */
export type Thread = Comment &
	Pick<z.infer<typeof rootSchema>, 'node' | 'about' | 'resolved'> & { replies: Comment[]; lost: boolean };

export type CommentMap = Y.Map<unknown>;
export const commentsOf = (doc: Y.Doc): Y.Map<CommentMap> => doc.getMap('comments');

/** What is said of what was typed: no NUL out of somebody's clipboard, which would be refused, and no half character. */
export const readableComment = (text: string): string =>
	text.replaceAll('\0', '').trim().slice(0, commentLimits.text).toWellFormed();

/** Null when it cannot be read: then nobody is shown it. */
export function readComment(value: unknown): Stored | null {
	if (!(value instanceof Y.Map)) return null;
	const parsed = commentSchema.safeParse(Object.fromEntries(value.entries()));
	return parsed.success ? parsed.data : null;
}

/** COL-3: threads with their replies, the oldest first; a reply whose thread was deleted stands for it. */
export function readThreads(doc: Y.Doc): Thread[] {
	const threads = new Map<string, Thread>();
	const replies: (z.infer<typeof replySchema> & { id: string })[] = [];
	for (const [id, value] of commentsOf(doc).entries()) {
		const comment = readComment(value);
		if (!comment) continue;
		if ('thread' in comment) replies.push({ ...comment, id });
		else threads.set(id, { ...comment, id, replies: [], lost: false });
	}
	for (const reply of replies.sort(older)) {
		const thread = threads.get(reply.thread);
		if (thread) thread.replies.push(reply);
		else
			threads.set(reply.thread, {
				...reply,
				id: reply.thread,
				node: null,
				about: '',
				replies: [reply],
				lost: true
			});
	}
	return [...threads.values()].sort(older);
}

type Dated = { at: number; id: string };
const older = (a: Dated, b: Dated): number => a.at - b.at || (a.id < b.id ? -1 : 1);
