import type * as Y from 'yjs';
import { immediately, type Delay } from '#lib/domain/time/delay.ts';
import { edgeKey, type EdgeSource } from '../edgeKeys.ts';
import { requireFreeResponse, requireNoCycle, requireNode } from '../graph.ts';
import { edgesOf, edgeToMap } from '../layout.ts';
import { editOrigin } from '../origins.ts';

/**
 * Connects a free response to a node that is there already (GRA-3: branches may join). Answers the branch key.
 * @throws DomainError `conflict` (response used), `invalid` (cycle), `not_found`
 */
export function addBranch(
	doc: Y.Doc,
	{ from, target, delay }: { from: EdgeSource; target: string; delay?: Delay | undefined }
): string {
	requireFreeResponse(doc, from);
	requireNode(doc, target);
	requireNoCycle(doc, from.source, target);
	const key = edgeKey(from);
	doc.transact(() => {
		edgesOf(doc).set(key, edgeToMap({ target, delay: delay ?? immediately, also: [] }));
	}, editOrigin);
	return key;
}
