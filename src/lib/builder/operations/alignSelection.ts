import { moveNodes } from '#lib/collab/edits/moveNodes.ts';
import type { Builder } from '../builder.svelte.ts';

export type Alignment = 'left' | 'center' | 'right' | 'top' | 'middle' | 'bottom' | 'columns' | 'rows';
export type Box = { id: string; x: number; y: number; width: number; height: number };

/** COL-4: where each box goes. `columns` and `rows` give them equal gaps between the outermost two. */
export function alignedPositions(boxes: readonly Box[], how: Alignment): Record<string, [number, number]> {
	const left = Math.min(...boxes.map(({ x }) => x));
	const right = Math.max(...boxes.map(({ x, width }) => x + width));
	const top = Math.min(...boxes.map(({ y }) => y));
	const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
	const place = (to: (box: Box) => [number, number]) =>
		Object.fromEntries(boxes.map((box) => [box.id, to(box).map(Math.round) as [number, number]]));
	switch (how) {
		case 'left':
			return place(({ y }) => [left, y]);
		case 'center':
			return place(({ y, width }) => [(left + right - width) / 2, y]);
		case 'right':
			return place(({ y, width }) => [right - width, y]);
		case 'top':
			return place(({ x }) => [x, top]);
		case 'middle':
			return place(({ x, height }) => [x, (top + bottom - height) / 2]);
		case 'bottom':
			return place(({ x, height }) => [x, bottom - height]);
		case 'columns':
			return spread(boxes, 'x', 'width', right - left);
		case 'rows':
			return spread(boxes, 'y', 'height', bottom - top);
	}
}

function spread(
	boxes: readonly Box[],
	axis: 'x' | 'y',
	side: 'width' | 'height',
	room: number
): Record<string, [number, number]> {
	const sorted = [...boxes].sort((a, b) => a[axis] - b[axis] || (a.id < b.id ? -1 : 1));
	const used = sorted.reduce((sum, box) => sum + box[side], 0);
	const gap = (room - used) / Math.max(1, sorted.length - 1);
	let at = sorted[0]?.[axis] ?? 0;
	const placed: Record<string, [number, number]> = {};
	for (const box of sorted) {
		placed[box.id] = axis === 'x' ? [Math.round(at), box.y] : [box.x, Math.round(at)];
		at += box[side] + gap;
	}
	return placed;
}

/** Aligns or distributes what is selected, notes too, in one step of the undo history. */
export function alignSelection(builder: Builder, how: Alignment): void {
	const boxes = builder.nodes
		.filter(({ selected }) => selected)
		.map(({ id, position, width = 0, height = 0 }) => ({ id, ...position, width, height }));
	if (boxes.length > 1) builder.editApart((doc) => moveNodes(doc, alignedPositions(boxes, how)));
}
