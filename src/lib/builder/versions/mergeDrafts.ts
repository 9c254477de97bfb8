import type { Draft, DraftNode } from '#lib/domain/cadence/draft.ts';
import { diffDrafts, type DraftChanges } from '#lib/domain/plan/diffDrafts.ts';
import type { EdgeMark, Marks, NodeMark } from '../marks/canvasMarks.svelte.ts';
import { columnGap, nodeSize } from '../graph/nodeSize.ts';

export type Merged = {
	/** The later draft and, as ghosts, what only the earlier one has. */
	draft: Draft;
	changes: DraftChanges;
	marks: Marks;
};

/** VER-6: two drafts on one canvas: added, changed, and removed where it stood. */
export function mergeDrafts(before: Draft | null, after: Draft): Merged {
	const changes = diffDrafts(before, after);
	const nodes: Draft['nodes'] = { ...after.nodes };
	for (const { id } of changes.nodes.removed) {
		const ghost = before?.nodes[id];
		if (ghost) nodes[id] = { ...ghost, position: freePlace(ghost, nodes) };
	}
	const edges: Draft['edges'] = { ...after.edges };
	for (const key of changes.branches.removed) {
		const edge = before?.edges[key];
		if (edge) edges[key] = edge;
	}
	return { draft: { settings: after.settings, nodes, edges }, changes, marks: marksOf(changes) };
}

/** Beside what stands there now: a step that was replaced must not be laid over by its successor. */
function freePlace(ghost: DraftNode, nodes: Draft['nodes']): [number, number] {
	const size = nodeSize[ghost.kind];
	const y = ghost.position[1];
	let [x] = ghost.position;
	for (let tries = 0; tries < 200; tries++) {
		const blocking = Object.values(nodes).find(({ kind, position: [left, top] }) => {
			const other = nodeSize[kind];
			return (
				x < left + other.width && left < x + size.width && y < top + other.height && top < y + size.height
			);
		});
		if (!blocking) break;
		x = blocking.position[0] + nodeSize[blocking.kind].width + columnGap;
	}
	return [x, y];
}

function marksOf({ nodes, branches }: DraftChanges): Marks {
	const marked = new Map<string, NodeMark>();
	for (const { id } of nodes.added) marked.set(id, { tone: 'added', label: 'Added' });
	for (const { id } of nodes.changed) marked.set(id, { tone: 'changed', label: 'Changed' });
	for (const { id } of nodes.removed) marked.set(id, { tone: 'removed', label: 'Removed' });
	const edges = new Map<string, EdgeMark>();
	for (const key of branches.added) edges.set(key, 'added');
	for (const key of branches.changed) edges.set(key, 'changed');
	for (const key of branches.removed) edges.set(key, 'removed');
	return { nodes: marked, edges, dim: true };
}
