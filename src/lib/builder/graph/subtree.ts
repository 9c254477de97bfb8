import { z } from 'zod';
import {
	draftEdgeSchema,
	draftNodeSchema,
	type Draft,
	type DraftEdge,
	type DraftNode
} from '#lib/domain/cadence/draft.ts';
import { branchKey, startNodeId, type ResponseRef } from '#lib/domain/cadence/responses.ts';

/** What the clipboard carries: nodes with positions relative to the first, and the branches between them. */
export const subtreeSchema = z.object({
	cadenza: z.literal('subtree'),
	nodes: z.array(draftNodeSchema).min(1).max(500),
	edges: z.array(draftEdgeSchema).max(2000)
});
export type Subtree = z.infer<typeof subtreeSchema>;

/** Copies the chosen nodes; the start node stays where it is. Null when nothing is left to copy. */
export function copySubtree(draft: Draft, ids: Iterable<string>): Subtree | null {
	const chosen = new Set([...ids].filter((id) => id !== startNodeId));
	const nodes = Object.values(draft.nodes).filter(({ id }) => chosen.has(id));
	if (!nodes.length) return null;
	const x = Math.min(...nodes.map(({ position }) => position[0]));
	const y = Math.min(...nodes.map(({ position }) => position[1]));
	return {
		cadenza: 'subtree',
		nodes: nodes.map((node) => ({ ...node, position: [node.position[0] - x, node.position[1] - y] })),
		edges: Object.values(draft.edges).filter(({ source, target }) => chosen.has(source) && chosen.has(target))
	};
}

/** Fresh ids for everything, moved to `at`: nothing is shared with the original. */
export function freshSubtree(
	subtree: Subtree,
	newNodeId: () => string,
	at: readonly [number, number]
): { nodes: DraftNode[]; edges: Record<string, DraftEdge> } {
	const ids = new Map(subtree.nodes.map(({ id }) => [id, newNodeId()]));
	const nodes = subtree.nodes.map((node) => ({
		...node,
		id: ids.get(node.id) ?? node.id,
		position: [Math.round(node.position[0] + at[0]), Math.round(node.position[1] + at[1])] as [number, number]
	}));
	const edges: Record<string, DraftEdge> = {};
	for (const edge of subtree.edges) {
		const source = ids.get(edge.source);
		const target = ids.get(edge.target);
		if (source && target) edges[branchKey(source, edge as ResponseRef)] = { ...edge, source, target };
	}
	return { nodes, edges };
}

/** Reads clipboard text; null for anything that is not ours. */
export function parseSubtree(text: string): Subtree | null {
	if (!text.startsWith('{') || text.length > 2_000_000) return null;
	try {
		return subtreeSchema.parse(JSON.parse(text));
	} catch {
		return null;
	}
}
