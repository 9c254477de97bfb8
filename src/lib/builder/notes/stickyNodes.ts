import type { Node } from '@xyflow/svelte';
import type { StickyNote } from '#lib/collab/stickyNotes.ts';
import type { FlowNode } from '../graph/flowNodes.ts';

export type StickyNode = Node<{ note: StickyNote }, 'note'>;
/** What lies on the canvas: steps, and notes that are none. */
export type CanvasNode = FlowNode | StickyNode;

export const isSticky = (node: CanvasNode): node is StickyNode => node.type === 'note';
export const isStep = (node: CanvasNode): node is FlowNode => node.type !== 'note';

/**
 * The notes of the canvas, below the steps. Unchanged ones keep their identity; while one is dragged or resized here,
 * what the canvas knows counts more.
 */
export function stickyNodes(
	notes: readonly StickyNote[],
	before: readonly CanvasNode[],
	held: ReadonlyMap<string, readonly [number, number]>,
	/** Left, top, width, height of notes that somebody resizes right now. */
	sized: ReadonlyMap<string, readonly [number, number, number, number]> = new Map()
): StickyNode[] {
	const old = new Map(before.filter(isSticky).map((node) => [node.id, node]));
	return notes.map((note) => {
		const [left, top] = held.get(note.id) ?? note.position;
		const [x, y, width, height] = sized.get(note.id) ?? [left, top, ...note.size];
		const known = old.get(note.id);
		if (known?.dragging) return known.data.note === note ? known : { ...known, data: { note } };
		if (
			known?.data.note === note &&
			known.position.x === x &&
			known.position.y === y &&
			known.width === width &&
			known.height === height
		)
			return known;
		return {
			...known,
			id: note.id,
			type: 'note',
			position: { x, y },
			width,
			height,
			data: { note },
			ariaLabel: `Note: ${note.text || 'empty'}`,
			zIndex: -1,
			deletable: false,
			connectable: false
		};
	});
}
