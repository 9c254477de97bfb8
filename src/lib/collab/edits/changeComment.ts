import * as Y from 'yjs';
import { DomainError } from '#lib/domain/errors.ts';
import { commentLimits, commentsOf, readableComment, readComment, type CommentMap } from '../comments.ts';
import { talkOrigin } from '../origins.ts';

function requireComment(doc: Y.Doc, id: string): CommentMap {
	const comment = commentsOf(doc).get(id);
	if (!(comment instanceof Y.Map) || !readComment(comment))
		throw new DomainError('not_found', 'This comment was deleted meanwhile.');
	return comment;
}

/**
 * COL-3: only who wrote it says it otherwise; the server refuses everybody else.
 * @throws DomainError `not_found`, `invalid` (empty)
 */
export function editComment(
	doc: Y.Doc,
	id: string,
	{ text, mentions, at }: { text: string; mentions: readonly string[]; at: number }
): void {
	const comment = requireComment(doc, id);
	const said = readableComment(text);
	if (!said) throw new DomainError('invalid', 'Write something first.');
	doc.transact(() => {
		comment.set('text', said);
		comment.set('mentions', mentions.slice(0, commentLimits.mentions));
		comment.set('editedAt', at);
	}, talkOrigin);
}

/** COL-3: everybody who may comment resolves a thread, or opens it again (`mark` null). */
export function resolveThread(doc: Y.Doc, id: string, mark: { by: string; at: number } | null): void {
	const comment = requireComment(doc, id);
	doc.transact(() => {
		if (mark) comment.set('resolved', mark);
		else comment.delete('resolved');
	}, talkOrigin);
}

/** COL-3: takes back one's own comment. Answers how to put it back as it was. */
export function removeComment(doc: Y.Doc, id: string): () => void {
	const fields = [...requireComment(doc, id).entries()];
	doc.transact(() => commentsOf(doc).delete(id), talkOrigin);
	return () => doc.transact(() => commentsOf(doc).set(id, new Y.Map(fields)), talkOrigin);
}
