import type * as Y from 'yjs';
import type { DraftNode } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { immediately, type Delay } from '#lib/domain/time/delay.ts';
import { edgeKey } from '../edgeKeys.ts';
import { requireEdge } from '../graph.ts';
import { edgesOf, edgeToMap, nodesOf, nodeToMap } from '../layout.ts';
import { newNode, type NewNode } from '../newNode.ts';
import { editOrigin } from '../origins.ts';

export type InsertIntoBranch = {
	key: string;
	node: NewNode;
	/** The response of the new action on which the old way goes on. */
	onward: { response: string; parameter?: string | undefined };
	delay?: Delay | undefined;
};

/**
 * Puts an action into a branch: the branch now leads to it, and from it onward to the old target.
 * @throws DomainError `not_found` when the branch is gone, `invalid` for an exit
 */
export function insertIntoBranch(
	doc: Y.Doc,
	{ key, node: input, onward, delay }: InsertIntoBranch
): DraftNode {
	const edge = requireEdge(doc, key);
	if (input.kind === 'exit')
		throw new DomainError('invalid', 'Nothing comes after an exit: add it at the end of a branch.');
	const node = newNode(input);
	const target = String(edge.get('target'));
	doc.transact(() => {
		nodesOf(doc).set(node.id, nodeToMap(node));
		edge.set('target', node.id);
		edgesOf(doc).set(
			edgeKey({ source: node.id, ...onward }),
			edgeToMap({ target, delay: delay ?? immediately, also: [] })
		);
	}, editOrigin);
	return node;
}
