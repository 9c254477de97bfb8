import type * as Y from 'yjs';
import type { DraftNode } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { clipSchema } from '../clip.ts';
import { edgeKey } from '../edgeKeys.ts';
import { edgesOf, edgeToMap, newNodeId, nodesOf, nodeToMap } from '../layout.ts';
import { editOrigin } from '../origins.ts';

/**
 * COL-4: puts a copied sub-tree on the canvas under new ids, its upper left corner at `at`. Answers the new ids.
 * @throws DomainError `invalid` when the clipboard holds something else
 */
export function paste(doc: Y.Doc, clip: unknown, at: readonly [number, number]): string[] {
	const parsed = clipSchema.safeParse(clip);
	if (!parsed.success) throw new DomainError('invalid', 'The clipboard holds no steps of a cadence.');
	const nodes = parsed.data.nodes.filter((node) => node.kind !== 'start');
	const ids = new Map(nodes.map((node) => [node.id, newNodeId()]));
	const left = Math.min(...nodes.map((node) => node.position[0]));
	const top = Math.min(...nodes.map((node) => node.position[1]));
	doc.transact(() => {
		for (const node of nodes) {
			const [x, y] = node.position;
			const position: [number, number] = [Math.round(at[0] + x - left), Math.round(at[1] + y - top)];
			const copy: DraftNode = { ...node, id: ids.get(node.id)!, position };
			nodesOf(doc).set(copy.id, nodeToMap(copy));
		}
		for (const edge of parsed.data.edges) {
			const source = ids.get(edge.source);
			const target = ids.get(edge.target);
			if (source && target) edgesOf(doc).set(edgeKey({ ...edge, source }), edgeToMap({ ...edge, target }));
		}
	}, editOrigin);
	return [...ids.values()];
}
