import type { Edge, Node } from '@xyflow/svelte';
import type { Draft, DraftEdge, DraftNode } from '#lib/domain/cadence/draft.ts';
import { nodeSize } from './nodeSize.ts';

type NodeData = { node: DraftNode; followUp: number | undefined; errors: number; warnings: number };
export type FlowNode = Node<NodeData, 'action' | 'condition' | 'start' | 'exit'>;

type EdgeData = {
	edge: DraftEdge;
	sourceKind: DraftNode['kind'] | undefined;
	/** The responses that take it, in words. */
	response: string;
	errors: number;
	/** Place among the branches that arrive at the same node: their labels are stacked. */
	place: number;
};
export type FlowEdge = Edge<EdgeData, 'branch'>;

export type ProblemCounts = { errors: number; warnings: number };
const none: ProblemCounts = { errors: 0, warnings: 0 };

const sameNode = (a: NodeData, b: NodeData) =>
	a.node === b.node && a.followUp === b.followUp && a.errors === b.errors && a.warnings === b.warnings;

/** The list from before when nothing of it changed: the canvas then has nothing to look through. */
export const keepList = <List extends readonly unknown[]>(before: List, now: List): List =>
	before.length === now.length && now.every((entry, index) => entry === before[index]) ? before : now;

/**
 * The nodes of the canvas, derived from the draft. Unchanged ones keep their identity, so that only cards that
 * changed are drawn again; what the canvas itself keeps on a node (selection, measures) survives.
 * `held` are positions that count more than the draft's: our own drag and those of others.
 */
export function flowNodes(
	draft: Draft,
	before: readonly FlowNode[],
	numbers: Map<string, number>,
	problems: Map<string, ProblemCounts>,
	held: Map<string, readonly [number, number]>,
	canEdit: boolean,
	/** What a screen reader says for a card. */
	label: (node: DraftNode, followUp: number | undefined) => string
): FlowNode[] {
	const old = new Map(before.map((node) => [node.id, node]));
	return Object.values(draft.nodes).map((node) => {
		const counts = problems.get(node.id) ?? none;
		const data: NodeData = { node, followUp: numbers.get(node.id), ...counts };
		const [x, y] = held.get(node.id) ?? node.position;
		const known = old.get(node.id);
		if (!known)
			return {
				id: node.id,
				type:
					node.kind === 'start' || node.kind === 'exit' || node.kind === 'condition' ? node.kind : 'action',
				position: { x, y },
				data,
				ariaLabel: label(node, data.followUp),
				width: nodeSize[node.kind].width,
				height: nodeSize[node.kind].height,
				deletable: false,
				connectable: canEdit
			};
		const moved = !known.dragging && (known.position.x !== x || known.position.y !== y);
		if (!moved && sameNode(known.data, data)) return known;
		return {
			...known,
			data,
			ariaLabel: label(node, data.followUp),
			position: moved ? { x, y } : known.position
		};
	});
}

/** The branches whose two ends are there; unchanged ones keep their identity, and so does a list of such alone. */
export function flowEdges(
	draft: Draft,
	before: FlowEdge[],
	problems: Map<string, ProblemCounts>,
	words: (source: DraftNode, edge: DraftEdge) => string
): FlowEdge[] {
	const old = new Map(before.map((edge) => [edge.id, edge]));
	const arrivals = new Map<string, number>();
	const edges: FlowEdge[] = [];
	for (const key of sortedKeys(draft.edges)) {
		const edge = draft.edges[key];
		const source = edge && draft.nodes[edge.source];
		if (!source || !draft.nodes[edge.target]) continue;
		const place = arrivals.get(edge.target) ?? 0;
		arrivals.set(edge.target, place + 1);
		const { errors } = problems.get(key) ?? none;
		const known = old.get(key);
		const response = words(source, edge);
		const data: EdgeData = { edge, sourceKind: source.kind, response, errors, place };
		if (
			known?.data &&
			known.data.edge === edge &&
			known.data.sourceKind === source.kind &&
			known.data.response === response &&
			known.data.errors === errors &&
			known.data.place === place
		)
			edges.push(known);
		else
			edges.push({
				...known,
				id: key,
				type: 'branch',
				source: edge.source,
				target: edge.target,
				data,
				deletable: false
			});
	}
	return keepList(before, edges);
}

/** Branches come and go seldom, and only then is their record another one. */
const keysOf = new WeakMap<Draft['edges'], string[]>();
function sortedKeys(edges: Draft['edges']): string[] {
	let keys = keysOf.get(edges);
	if (!keys) keysOf.set(edges, (keys = Object.keys(edges).sort()));
	return keys;
}
