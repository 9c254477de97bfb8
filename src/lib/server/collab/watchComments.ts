import * as Y from 'yjs';
import { commentLimits, commentsOf, readComment } from '#lib/collab/comments.ts';

/** What an update does to one comment, seen before the document forgets what was there. */
type CommentChange = {
	id: string;
	/** Who wrote what was there before; undefined for a new one. */
	authorBefore: unknown;
	/** Fields that were set or taken away; null: the whole comment. */
	fields: string[] | null;
};

/** A comment that was put in or rewritten: whom it names is told of it (COL-3). */
export type SaidComment = {
	commentId: string;
	by: string;
	text: string;
	mentions: string[];
	/** Who began the thread, when this is a reply to somebody else. */
	answers: string | null;
};

const authorFields = ['text', 'mentions', 'editedAt'];

/** Watches the comments of the gate's shadow document: a map that is overwritten is gone after the transaction. */
export class CommentWatch {
	#changes: CommentChange[] = [];
	#doc: Y.Doc;

	constructor(doc: Y.Doc) {
		this.#doc = doc;
		commentsOf(doc).observeDeep((events) => {
			for (const event of events) this.#note(event);
		});
	}

	/** Forgets what was seen so far. */
	reset(): void {
		this.#changes = [];
	}

	#note(event: Y.YEvent<Y.AbstractType<unknown>>): void {
		const id = event.path[0];
		if (id !== undefined) {
			const authorBefore = authorOf(event.target);
			this.#changes.push({ id: String(id), authorBefore, fields: [...event.changes.keys.keys()] });
			return;
		}
		for (const [key, { action, oldValue }] of event.changes.keys)
			this.#changes.push({
				id: key,
				authorBefore: action === 'add' ? undefined : authorOf(oldValue),
				fields: null
			});
	}

	/**
	 * COL-3: people speak in their own name, change and delete what they wrote themselves, and resolve what anybody
	 * did. Answers what is wrong, or what was said. `userId` null: written by the server itself.
	 */
	check(userId: string | null): string | SaidComment[] {
		const said: SaidComment[] = [];
		if (this.#changes.length && commentsOf(this.#doc).size > commentLimits.count) return 'too many comments';
		for (const change of this.#changes) {
			const { id, authorBefore, fields } = change;
			const map = commentsOf(this.#doc).get(id);
			const comment = map === undefined ? null : readComment(map);
			if (map !== undefined && !comment) return 'a comment is not as it should be';
			if (userId === null) continue;
			const isOwn = authorBefore === undefined || authorBefore === userId;
			if (fields === null ? !isOwn : !fields.every((field) => mayChange(field, isOwn)))
				return 'a comment of somebody else was changed';
			if (!comment) continue;
			if (fields === null && comment.by !== userId) return 'a comment was made in the name of somebody else';
			const resolved = 'resolved' in comment ? comment.resolved : undefined;
			if (fields?.includes('resolved') && resolved && resolved.by !== userId)
				return 'a comment was resolved in the name of somebody else';
			if (fields === null || fields.includes('text') || fields.includes('mentions'))
				said.push(this.#said(id, comment));
		}
		return said;
	}

	#said(commentId: string, comment: NonNullable<ReturnType<typeof readComment>>): SaidComment {
		const thread = 'thread' in comment ? readComment(commentsOf(this.#doc).get(comment.thread)) : null;
		const { by, text, mentions } = comment;
		return { commentId, by, text, mentions, answers: thread && thread.by !== by ? thread.by : null };
	}
}

const mayChange = (field: string, isOwn: boolean): boolean =>
	field === 'resolved' || (isOwn && authorFields.includes(field));

/** Also of a comment that is being deleted: its parts are still there until the transaction ends. */
function authorOf(map: unknown): unknown {
	const content = map instanceof Y.Map ? map._map.get('by')?.content : null;
	return content instanceof Y.ContentAny ? content.arr[0] : null;
}
