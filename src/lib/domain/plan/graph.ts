import type { Draft, DraftEdge } from '../cadence/draft.ts';
import { startNodeId } from '../cadence/responses.ts';

export type GraphEdge = { key: string; source: string; target: string; edge: DraftEdge };

/** A draft as a graph: only edges whose two ends exist. Ids are looked up in Maps, never on objects. */
export type Graph = {
	edges: GraphEdge[];
	out: Map<string, GraphEdge[]>;
	into: Map<string, GraphEdge[]>;
	nodeIds: string[];
};

export function graphOf(draft: Draft): Graph {
	const nodeIds = Object.keys(draft.nodes).sort();
	const out = new Map<string, GraphEdge[]>(nodeIds.map((id) => [id, []]));
	const into = new Map<string, GraphEdge[]>(nodeIds.map((id) => [id, []]));
	const edges: GraphEdge[] = [];
	for (const key of Object.keys(draft.edges).sort()) {
		const edge = draft.edges[key]!;
		const found = { key, source: edge.source, target: edge.target, edge };
		const from = out.get(edge.source);
		const to = into.get(edge.target);
		if (!from || !to) continue;
		edges.push(found);
		from.push(found);
		to.push(found);
	}
	return { edges, out, into, nodeIds };
}

/** Node ids that a path from the start node reaches, the start node included. */
export function reachableFrom(graph: Graph, from: string = startNodeId): Set<string> {
	const seen = new Set<string>();
	const open = graph.out.has(from) ? [from] : [];
	while (open.length) {
		const id = open.pop()!;
		if (seen.has(id)) continue;
		seen.add(id);
		for (const edge of graph.out.get(id) ?? []) open.push(edge.target);
	}
	return seen;
}

/**
 * GRA-3: keys of the edges that lie on a cycle, all of them: an edge does when its two ends are in one strongly
 * connected component. Tarjan's algorithm without recursion, so that a long chain cannot overflow the stack.
 */
export function cycleEdges(graph: Graph): Set<string> {
	const component = components(graph);
	const onCycle = new Set<string>();
	for (const edge of graph.edges)
		if (edge.source === edge.target || component.get(edge.source) === component.get(edge.target))
			onCycle.add(edge.key);
	return onCycle;
}

function components(graph: Graph): Map<string, number> {
	const order = new Map<string, number>();
	const low = new Map<string, number>();
	const component = new Map<string, number>();
	const stack: string[] = [];
	let found = 0;
	for (const root of graph.nodeIds) {
		if (order.has(root)) continue;
		const frames = [{ id: root, next: 0 }];
		while (frames.length) {
			const frame = frames.at(-1)!;
			if (frame.next === 0 && !order.has(frame.id)) {
				order.set(frame.id, order.size);
				low.set(frame.id, order.get(frame.id)!);
				stack.push(frame.id);
			}
			const edge = graph.out.get(frame.id)?.[frame.next++];
			if (edge) {
				if (!order.has(edge.target)) frames.push({ id: edge.target, next: 0 });
				else if (!component.has(edge.target))
					low.set(frame.id, Math.min(low.get(frame.id)!, order.get(edge.target)!));
				continue;
			}
			frames.pop();
			const parent = frames.at(-1);
			if (parent) low.set(parent.id, Math.min(low.get(parent.id)!, low.get(frame.id)!));
			if (low.get(frame.id) !== order.get(frame.id)) continue;
			for (let id = stack.pop()!; ; id = stack.pop()!) {
				component.set(id, found);
				if (id === frame.id) break;
			}
			found++;
		}
	}
	return component;
}

/**
 * GRA-4: follow-up number of each reachable node = longest path from start (1 for the first action). Edges on a cycle
 * are left out, so that the canvas can number the rest of a draft that is being repaired.
 */
export function followUpNumbers(draft: Draft, graph: Graph = graphOf(draft)): Map<string, number> {
	const cycles = cycleEdges(graph);
	const reachable = reachableFrom(graph);
	const usable = graph.edges.filter(
		(edge) => !cycles.has(edge.key) && reachable.has(edge.source) && reachable.has(edge.target)
	);
	const waiting = new Map<string, number>([...reachable].map((id) => [id, 0]));
	for (const edge of usable) waiting.set(edge.target, waiting.get(edge.target)! + 1);
	const next = new Map<string, string[]>();
	for (const edge of usable) {
		const list = next.get(edge.source);
		if (list) list.push(edge.target);
		else next.set(edge.source, [edge.target]);
	}
	/** GRA-10: a condition counts as no follow-up. */
	const stepTo = (id: string) => (draft.nodes[id]?.kind === 'condition' ? 0 : 1);
	const depth = new Map<string, number>(
		[...reachable].map((id) => [id, id === startNodeId ? 0 : stepTo(id)])
	);
	const ready = [...reachable].filter((id) => waiting.get(id) === 0);
	while (ready.length) {
		const id = ready.pop()!;
		for (const target of next.get(id) ?? []) {
			depth.set(target, Math.max(depth.get(target)!, depth.get(id)! + stepTo(target)));
			const left = waiting.get(target)! - 1;
			waiting.set(target, left);
			if (left === 0) ready.push(target);
		}
	}
	depth.delete(startNodeId);
	return depth;
}
