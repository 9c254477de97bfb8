import { expect, test } from 'vitest';
import { alignedPositions, type Box } from './alignSelection.ts';

const boxes: Box[] = [
	{ id: 'a', x: 0, y: 0, width: 100, height: 40 },
	{ id: 'b', x: 50, y: 100, width: 60, height: 20 },
	{ id: 'c', x: 300, y: 30, width: 100, height: 40 }
];

test('COL-4: selected steps are aligned at an edge or a middle, and distributed with equal gaps', () => {
	expect(alignedPositions(boxes, 'left')).toEqual({ a: [0, 0], b: [0, 100], c: [0, 30] });
	expect(alignedPositions(boxes, 'right')).toEqual({ a: [300, 0], b: [340, 100], c: [300, 30] });
	expect(alignedPositions(boxes, 'center')).toEqual({ a: [150, 0], b: [170, 100], c: [150, 30] });
	expect(alignedPositions(boxes, 'top')).toEqual({ a: [0, 0], b: [50, 0], c: [300, 0] });
	expect(alignedPositions(boxes, 'bottom')).toEqual({ a: [0, 80], b: [50, 100], c: [300, 80] });
	expect(alignedPositions(boxes, 'middle')).toEqual({ a: [0, 40], b: [50, 50], c: [300, 40] });
	expect(alignedPositions(boxes, 'columns')).toEqual({ a: [0, 0], b: [170, 100], c: [300, 30] });
	expect(alignedPositions(boxes, 'rows')).toEqual({ a: [0, 0], c: [300, 50], b: [50, 100] });
});
