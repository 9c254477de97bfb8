import type { Draft, DraftEdge, DraftNode } from '#lib/domain/cadence/draft.ts';
import { entryKey, startNodeId } from '#lib/domain/cadence/responses.ts';
import { graphOf, type Graph } from '#lib/domain/plan/graph.ts';
import { immediately } from '#lib/domain/time/delay.ts';
import { columnGap, nodeSize, rowHeight } from './nodeSize.ts';
import { rowsOf } from './rows.ts';

export type Positions = Map<string, [x: number, y: number]>;

/**
 * Auto-layout, top to bottom: a row per follow-up and conditions between them, each node centred over its branches, siblings in the order
 * they have now. A joined node stands below the deepest of its sources. What nothing reaches is parked at the right, so
 * that a left-over of a merge is seen and not laid over; a sub-tree that was pasted keeps its form.
 */
export function layoutDraft(draft: Draft): Positions {
	const graph = graphOf(draft);
	const rows = rowsOf(draft, graph);
	const children = spanningTree(draft, graph, rows);
	const left = new Map<string, number>();
	place(startNodeId, children, draft, left);

	const positions: Positions = new Map();
	const start = draft.nodes[startNodeId];
	const origin = (left.get(startNodeId) ?? 0) + nodeSize.start.width / 2;
	let right = 0;
	for (const [id, x] of left) {
		const node = draft.nodes[id];
		if (!node) continue;
		positions.set(id, [Math.round(x - origin), (rows.get(id) ?? 0) * rowHeight]);
		right = Math.max(right, x - origin + nodeSize[node.kind].width);
	}
	if (start) positions.set(startNodeId, [-nodeSize.start.width / 2, 0]);
	parkUnreached(draft, graph, positions, right + columnGap * 2);
	return positions;
}

/** Each reached node hangs under one source: the deepest, and of these the first. */
function spanningTree(draft: Draft, graph: Graph, rows: Map<string, number>): Map<string, DraftNode[]> {
	const children = new Map<string, DraftNode[]>();
	for (const id of rows.keys()) {
		const node = draft.nodes[id];
		const sources = (graph.into.get(id) ?? []).map(({ source }) => source);
		const parent = sources
			.filter((source) => (rows.get(source) ?? Infinity) < (rows.get(id) ?? 0))
			.sort((a, b) => (rows.get(b) ?? 0) - (rows.get(a) ?? 0))[0];
		if (!node || parent === undefined) continue;
		const siblings = children.get(parent);
		if (siblings) siblings.push(node);
		else children.set(parent, [node]);
	}
	for (const siblings of children.values()) siblings.sort(byPlace);
	return children;
}

const centre = (node: DraftNode) => node.position[0] + nodeSize[node.kind].width / 2;
const byPlace = (a: DraftNode, b: DraftNode) => centre(a) - centre(b) || (a.id < b.id ? -1 : 1);

/** One sub-tree: per row below its root the left and right edge it takes, relative to the root's left. */
type Outline = { from: number[]; to: number[] };

/** Writes the left edge of every node under `root`. Sub-trees are pushed together until they nearly touch. */
function place(
	root: string,
	children: Map<string, DraftNode[]>,
	draft: Draft,
	left: Map<string, number>
): Outline {
	const node = draft.nodes[root];
	const width = node ? nodeSize[node.kind].width : 0;
	const kids = children.get(root) ?? [];
	const merged: Outline = { from: [], to: [] };
	const offsets: number[] = [];
	for (const kid of kids) {
		const outline = place(kid.id, children, draft, left);
		let shift = 0;
		outline.from.forEach((from, row) => {
			const taken = merged.to[row];
			if (taken !== undefined) shift = Math.max(shift, taken + columnGap - from);
		});
		offsets.push(shift);
		outline.from.forEach((from, row) => {
			merged.from[row] = Math.min(merged.from[row] ?? Infinity, from + shift);
			merged.to[row] = Math.max(merged.to[row] ?? -Infinity, (outline.to[row] ?? 0) + shift);
		});
	}
	// The root is centred over the middle between its first and last child.
	const first = kids[0];
	const last = kids.at(-1);
	const middle =
		first && last ? ((offsets[0] ?? 0) + (offsets.at(-1) ?? 0) + nodeSize[last.kind].width) / 2 : width / 2;
	const rootLeft = middle - width / 2;
	kids.forEach((kid, index) => moveTree(kid.id, (offsets[index] ?? 0) - rootLeft, children, left));
	left.set(root, 0);
	return {
		from: [0, ...merged.from.map((x) => x - rootLeft)],
		to: [width, ...merged.to.map((x) => x - rootLeft)]
	};
}

function moveTree(id: string, by: number, children: Map<string, DraftNode[]>, left: Map<string, number>) {
	left.set(id, (left.get(id) ?? 0) + by);
	for (const kid of children.get(id) ?? []) moveTree(kid.id, by, children, left);
}

/** What nothing reaches: single steps in a column, what hangs together as trees of its own beside it. */
function parkUnreached(draft: Draft, graph: Graph, positions: Positions, x: number) {
	const loose = Object.values(draft.nodes)
		.filter(({ id }) => !positions.has(id))
		.sort((a, b) => a.position[1] - b.position[1] || byPlace(a, b));
	const ids = new Set(loose.map(({ id }) => id));
	const isRoot = (id: string) => !(graph.into.get(id) ?? []).some(({ source }) => ids.has(source));
	const leads = (id: string) => (graph.out.get(id) ?? []).some(({ target }) => ids.has(target));
	const roots = loose.filter(({ id }) => isRoot(id) && leads(id));
	const trees = roots.map(({ id }) => ({ root: id, rows: rowsFrom(draft, id) }));
	const inTree = new Set(trees.flatMap(({ rows }) => [...rows.keys()]));
	// A circle that nothing leads to has no beginning: its steps stand in the column, too.
	const single = loose.filter(({ id }) => !inTree.has(id));
	single.forEach(({ id }, index) => positions.set(id, [Math.round(x), (index + 1) * (rowHeight * 0.7)]));
	let next = x + (single.length ? nodeSize.start.width + columnGap * 2 : 0);
	for (const { root, rows } of trees) {
		const free = new Map([...rows].filter(([id]) => ids.has(id) && !positions.has(id)));
		const left = new Map<string, number>();
		const { from, to } = place(root, spanningTree(draft, graph, free), draft, left);
		const origin = next - Math.min(...from);
		for (const [id, at] of left)
			positions.set(id, [
				Math.round(origin + at),
				(1 + (rows.get(id) ?? 0) - (rows.get(root) ?? 0)) * rowHeight
			]);
		next = origin + Math.max(...to) + columnGap * 2;
	}
}

/** The rows of what a step leads to, as if the cadence began with it. */
function rowsFrom(draft: Draft, root: string): Map<string, number> {
	const entry: DraftEdge = {
		source: startNodeId,
		response: 'entry',
		target: root,
		delay: immediately,
		also: []
	};
	const rows = rowsOf({ ...draft, edges: { ...draft.edges, [entryKey]: entry } });
	rows.delete(startNodeId);
	return rows;
}
