import * as Y from 'yjs';
import { DomainError } from '#lib/domain/errors.ts';
import { commentLimits, commentsOf, readableComment } from '../comments.ts';
import { newNodeId } from '../layout.ts';
import { talkOrigin } from '../origins.ts';

export type NewComment = {
	by: string;
	at: number;
	text: string;
	mentions: readonly string[];
	/** A reply, or the start of a thread on a node (null: on the cadence). */
	on: { thread: string } | { node: string | null; about: string };
};

/**
 * COL-3: a comment, or a reply to one. Answers its id.
 * @throws DomainError `invalid` (empty, too long), `limit`, `not_found` (the thread was deleted)
 */
export function addComment(doc: Y.Doc, { on, text, mentions, ...rest }: NewComment): string {
	if (commentsOf(doc).size >= commentLimits.count)
		throw new DomainError(
			'limit',
			`There can be ${commentLimits.count} comments. Delete some of yours first.`
		);
	if ('thread' in on && !commentsOf(doc).has(on.thread))
		throw new DomainError('not_found', 'This comment was deleted meanwhile.');
	const said = readableComment(text);
	if (!said) throw new DomainError('invalid', 'Write something first.');
	const place = 'thread' in on ? on : { node: on.node, about: on.about.slice(0, 100) };
	const map = new Y.Map<unknown>(
		Object.entries({ ...rest, ...place, text: said, mentions: mentions.slice(0, commentLimits.mentions) })
	);
	const id = newNodeId();
	doc.transact(() => commentsOf(doc).set(id, map), talkOrigin);
	return id;
}
