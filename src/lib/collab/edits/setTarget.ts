import type * as Y from 'yjs';
import { parseEdgeKey } from '../edgeKeys.ts';
import { requireEdge, requireNoCycle, requireNode } from '../graph.ts';
import { editOrigin } from '../origins.ts';

/**
 * Leads a branch to another node.
 * @throws DomainError `invalid` when that closes a cycle (GRA-3)
 */
export function setTarget(doc: Y.Doc, key: string, target: string): void {
	const edge = requireEdge(doc, key);
	requireNode(doc, target);
	requireNoCycle(doc, parseEdgeKey(key)?.source ?? '', target);
	doc.transact(() => edge.set('target', target), editOrigin);
}
