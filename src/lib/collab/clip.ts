import { z } from 'zod';
import { draftEdgeSchema, draftNodeSchema, type Draft } from '#lib/domain/cadence/draft.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';

/** COL-4: what copy puts on the clipboard, as JSON; checked again at paste, for it comes from anywhere. */
export const clipSchema = z.object({
	cadenza: z.literal('clip/1'),
	nodes: z.array(draftNodeSchema).min(1).max(500),
	edges: z.array(draftEdgeSchema).max(1000)
});
export type Clip = z.infer<typeof clipSchema>;

/** The chosen nodes (never the start) and the branches between them. Null when nothing is left to copy. */
export function copyNodes(draft: Draft, ids: readonly string[]): Clip | null {
	const chosen = new Set(ids.filter((id) => id !== startNodeId && Object.hasOwn(draft.nodes, id)));
	if (!chosen.size) return null;
	return {
		cadenza: 'clip/1',
		nodes: [...chosen].map((id) => draft.nodes[id]!),
		edges: Object.values(draft.edges).filter((edge) => chosen.has(edge.source) && chosen.has(edge.target))
	};
}
