import type * as Y from 'yjs';
import { DomainError } from '#lib/domain/errors.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { branchesFrom, branchesInto } from '../graph.ts';
import { edgesOf, nodesOf } from '../layout.ts';
import { editOrigin } from '../origins.ts';

/**
 * Takes a node away with its branches. With `rejoin`, what led to it leads on to where its one branch went; that
 * needs exactly one branch leaving it.
 */
export function removeNode(doc: Y.Doc, nodeId: string, options: { rejoin?: boolean } = {}): void {
	if (nodeId === startNodeId) throw new DomainError('invalid', 'The start cannot be removed.');
	const leaving = branchesFrom(doc, nodeId);
	if (options.rejoin && leaving.length !== 1)
		throw new DomainError('invalid', 'Steps can be joined again only when exactly one branch goes on.');
	const onward = leaving[0]?.edge.get('target');
	doc.transact(() => {
		for (const { key, edge } of branchesInto(doc, nodeId)) {
			if (options.rejoin) edge.set('target', onward);
			else edgesOf(doc).delete(key);
		}
		for (const { key } of leaving) edgesOf(doc).delete(key);
		nodesOf(doc).delete(nodeId);
	}, editOrigin);
}

/** Takes a selection away in one step; the start stays where it is. */
export function removeNodes(doc: Y.Doc, nodeIds: readonly string[]): void {
	doc.transact(() => {
		for (const id of nodeIds) if (id !== startNodeId) removeNode(doc, id);
	}, editOrigin);
}
