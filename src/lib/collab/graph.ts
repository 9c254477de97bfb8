import * as Y from 'yjs';
import { DomainError } from '#lib/domain/errors.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { edgeKey, parseEdgeKey, type EdgeSource } from './edgeKeys.ts';
import { edgesOf, nodesOf, type EdgeMap, type NodeMap } from './layout.ts';

/** Branches of a node: those that leave it, with their keys. */
export function branchesFrom(doc: Y.Doc, nodeId: string): { key: string; edge: EdgeMap }[] {
	return allBranches(doc).filter(({ key }) => parseEdgeKey(key)?.source === nodeId);
}

export function branchesInto(doc: Y.Doc, nodeId: string): { key: string; edge: EdgeMap }[] {
	return allBranches(doc).filter(({ edge }) => edge.get('target') === nodeId);
}

const allBranches = (doc: Y.Doc) =>
	[...edgesOf(doc).entries()]
		.filter((entry): entry is [string, EdgeMap] => entry[1] instanceof Y.Map)
		.map(([key, edge]) => ({ key, edge }));

/** Does a path lead from one node to the other (also when they are the same)? */
function reaches(doc: Y.Doc, from: string, to: string): boolean {
	const next = new Map<string, string[]>();
	for (const { key, edge } of allBranches(doc)) {
		const source = parseEdgeKey(key)?.source;
		if (source) next.set(source, [...(next.get(source) ?? []), String(edge.get('target'))]);
	}
	const seen = new Set<string>();
	const open = [from];
	while (open.length) {
		const id = open.pop()!;
		if (id === to) return true;
		if (seen.has(id)) continue;
		seen.add(id);
		open.push(...(next.get(id) ?? []));
	}
	return false;
}

/** GRA-2: a response holds one branch, be it under its own key or listed in another branch's `also`. */
export function isResponseUsed(doc: Y.Doc, from: EdgeSource): boolean {
	if (edgesOf(doc).has(edgeKey(from))) return true;
	return branchesFrom(doc, from.source).some(({ edge }) => {
		const also = edge.get('also');
		return (
			Array.isArray(also) &&
			also.some((ref) => ref?.response === from.response && ref?.parameter === from.parameter)
		);
	});
}

export function requireNode(doc: Y.Doc, nodeId: string): NodeMap {
	const node = nodesOf(doc).get(nodeId);
	if (!(node instanceof Y.Map))
		throw new DomainError('not_found', 'This step is no longer on the canvas.', `/nodes/${nodeId}`);
	return node;
}

export function requireEdge(doc: Y.Doc, key: string): EdgeMap {
	const edge = edgesOf(doc).get(key);
	if (!(edge instanceof Y.Map))
		throw new DomainError('not_found', 'This branch is no longer on the canvas.', `/edges/${key}`);
	return edge;
}

/** A branch may leave the start node or an action, by a response that is still free. */
export function requireFreeResponse(doc: Y.Doc, from: EdgeSource): void {
	const kind = requireNode(doc, from.source).get('kind');
	if (kind === 'exit')
		throw new DomainError('invalid', 'Nothing comes after an exit.', `/nodes/${from.source}`);
	if (isResponseUsed(doc, from))
		throw new DomainError(
			'conflict',
			from.source === startNodeId
				? 'The start already leads somewhere. Insert a step into its branch instead.'
				: 'This response already has a branch. Choose another response, or insert a step into that branch.',
			`/edges/${edgeKey(from)}`
		);
}

/** GRA-3: an edit that would close a cycle is refused. */
export function requireNoCycle(doc: Y.Doc, source: string, target: string): void {
	if (target === startNodeId)
		throw new DomainError('invalid', 'No branch can lead back to the start.', `/nodes/${target}`);
	if (reaches(doc, target, source))
		throw new DomainError(
			'invalid',
			'This branch would lead back to a step before it. A cadence cannot go in circles.',
			`/nodes/${target}`
		);
}
