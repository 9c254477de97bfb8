import * as Y from 'yjs';
import { nodesOf } from '../layout.ts';
import { editOrigin } from '../origins.ts';
import { notesOf } from '../stickyNotes.ts';

/**
 * Commits positions of nodes and sticky notes, in flow coordinates, when a drag ends or a layout is applied. What is
 * gone is skipped.
 */
export function moveNodes(doc: Y.Doc, positions: Record<string, readonly [number, number]>): void {
	doc.transact(() => {
		for (const [id, [x, y]] of Object.entries(positions)) {
			const node = nodesOf(doc).get(id) ?? notesOf(doc).get(id);
			const before = node instanceof Y.Map ? node.get('pos') : null;
			if (!(node instanceof Y.Map) || !Number.isFinite(x) || !Number.isFinite(y)) continue;
			const pos = [Math.round(x), Math.round(y)];
			if (!Array.isArray(before) || before[0] !== pos[0] || before[1] !== pos[1]) node.set('pos', pos);
		}
	}, editOrigin);
}
