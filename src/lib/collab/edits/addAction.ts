import type * as Y from 'yjs';
import type { DraftNode } from '#lib/domain/cadence/draft.ts';
import { immediately, type Delay } from '#lib/domain/time/delay.ts';
import type { EdgeSource } from '../edgeKeys.ts';
import { edgeKey } from '../edgeKeys.ts';
import { requireFreeResponse } from '../graph.ts';
import { edgesOf, edgeToMap, nodesOf, nodeToMap } from '../layout.ts';
import { newNode, type NewNode } from '../newNode.ts';
import { editOrigin } from '../origins.ts';

export type AddAction = { node: NewNode; from?: EdgeSource | undefined; delay?: Delay | undefined };

/**
 * Puts an action or exit on the canvas and, with `from`, connects it to a free response in the same step (COL-4).
 * @throws DomainError `conflict` when the response is used (GRA-2), `not_found` when its node is gone
 */
export function addAction(doc: Y.Doc, { node: input, from, delay }: AddAction): DraftNode {
	const node = newNode(input);
	if (from) requireFreeResponse(doc, from);
	doc.transact(() => {
		nodesOf(doc).set(node.id, nodeToMap(node));
		if (from)
			edgesOf(doc).set(edgeKey(from), edgeToMap({ target: node.id, delay: delay ?? immediately, also: [] }));
	}, editOrigin);
	return node;
}
