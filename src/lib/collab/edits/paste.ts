import type * as Y from 'yjs';
import type { DraftNode } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { clipSchema } from '../clip.ts';
import { edgeKey } from '../edgeKeys.ts';
import { edgesOf, edgeToMap, newNodeId, nodesOf, nodeToMap } from '../layout.ts';
import { editOrigin } from '../origins.ts';
import { notesOf, stickyLimits, stickyToMap } from '../stickyNotes.ts';

/**
 * COL-4: puts a copied sub-tree, and notes, on the canvas under new ids, its upper left corner at `at`. Answers the new ids.
 * @throws DomainError `invalid` when the clipboard holds something else
 */
export function paste(doc: Y.Doc, clip: unknown, at: readonly [number, number]): string[] {
	const parsed = clipSchema.safeParse(clip);
	if (!parsed.success) throw new DomainError('invalid', 'The clipboard holds no steps of a cadence.');
	const nodes = parsed.data.nodes.filter((node) => node.kind !== 'start');
	const notes = parsed.data.notes ?? [];
	const all = [...nodes, ...notes];
	if (!all.length) throw new DomainError('invalid', 'The clipboard holds no steps of a cadence.');
	if (notesOf(doc).size + notes.length > stickyLimits.count)
		throw new DomainError('limit', `There can be ${stickyLimits.count} notes. Delete one first.`);
	const ids = new Map(all.map(({ id }) => [id, newNodeId()]));
	const left = Math.min(...all.map(({ position }) => position[0]));
	const top = Math.min(...all.map(({ position }) => position[1]));
	const placed = ([x, y]: readonly [number, number]): [number, number] => [
		Math.round(at[0] + x - left),
		Math.round(at[1] + y - top)
	];
	doc.transact(() => {
		for (const node of nodes) {
			const copy: DraftNode = { ...node, id: ids.get(node.id)!, position: placed(node.position) };
			nodesOf(doc).set(copy.id, nodeToMap(copy));
		}
		for (const edge of parsed.data.edges) {
			const source = ids.get(edge.source);
			const target = ids.get(edge.target);
			if (source && target) edgesOf(doc).set(edgeKey({ ...edge, source }), edgeToMap({ ...edge, target }));
		}
		for (const note of notes)
			notesOf(doc).set(ids.get(note.id)!, stickyToMap({ ...note, position: placed(note.position) }));
	}, editOrigin);
	return [...ids.values()];
}
