import { z } from 'zod';
import { draftEdgeSchema, draftNodeSchema, type Draft } from '#lib/domain/cadence/draft.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { stickyLimits, stickySchema, type StickyNote } from './stickyNotes.ts';

/** So many steps are copied at once, at most; a paste is one message to the server. */
export const maxClipNodes = 1000;

/** COL-4: what copy puts on the clipboard, as JSON; checked again at paste, for it comes from anywhere. */
export const clipSchema = z.object({
	cadenza: z.literal('clip/1'),
	nodes: z.array(draftNodeSchema).max(maxClipNodes),
	edges: z.array(draftEdgeSchema).max(2 * maxClipNodes),
	notes: z.array(stickySchema).max(stickyLimits.count).optional()
});
export type Clip = z.infer<typeof clipSchema>;

/** The chosen nodes (never the start), the branches between them, and notes. Null when nothing is left to copy. */
export function copyNodes(
	draft: Draft,
	ids: readonly string[],
	notes: readonly StickyNote[] = []
): Clip | null {
	const chosen = new Set(ids.filter((id) => id !== startNodeId && Object.hasOwn(draft.nodes, id)));
	if (!chosen.size && !notes.length) return null;
	return {
		cadenza: 'clip/1',
		nodes: [...chosen].map((id) => draft.nodes[id]!),
		edges: Object.values(draft.edges).filter((edge) => chosen.has(edge.source) && chosen.has(edge.target)),
		...(notes.length && { notes: [...notes] })
	};
}
