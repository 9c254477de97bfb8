import { expect, test } from 'vitest';
import { mainJobDraft } from '../fixtures/mainJob.ts';
import { branchBoxes } from './branchBoxes.ts';
import { freePlace, type Box } from './freePlace.ts';

const size = { width: 200, height: 140 };
const overlaps = (a: Box, b: Box) =>
	a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test('COL-3: on an empty stretch a note lies exactly where it is wanted', () => {
	expect(freePlace([], size, [12.4, -7])).toEqual([12, -7]);
	expect(freePlace([{ x: 900, y: 900, width: 264, height: 84 }], size, [0, 0])).toEqual([0, 0]);
});

test('COL-3: one note after the other at the same wish: none lies on another or on a step, all stay near', () => {
	const taken: Box[] = Array.from({ length: 30 }, (_, n) => ({
		x: (n % 5) * 308 - 700,
		y: Math.floor(n / 5) * 196 - 500,
		width: 264,
		height: 84
	}));
	for (let n = 0; n < 25; n++) {
		const [x, y] = freePlace(taken, size, [-100, -70]);
		const placed = { x, y, ...size };
		expect(taken.filter((box) => overlaps(box, placed))).toEqual([]);
		expect(Math.hypot(x + 100, y + 70)).toBeLessThan(1600);
		taken.push(placed);
	}
});

test('COL-3: the nearest side is taken', () => {
	const step = { x: 0, y: 0, width: 264, height: 84 };
	expect(freePlace([step], size, [10, 60])).toEqual([10, 104]);
	expect(freePlace([step], size, [240, -20])).toEqual([284, -20]);
});

test('COL-3: where everything near is covered, there is room at the right', () => {
	const taken = Array.from({ length: 600 }, (_, n) => ({
		x: (n % 25) * 200,
		y: Math.floor(n / 25) * 140,
		...size
	}));
	const [x, y] = freePlace(taken, size, [2400, 1600]);
	expect(taken.some((box) => overlaps(box, { x, y, ...size }))).toBe(false);
});

test('COL-3: between steps a note lies on no branch and no label', () => {
	const mainJob = mainJobDraft();
	const boxes = branchBoxes(mainJob);
	expect(boxes.length).toBeGreaterThan(Object.keys(mainJob.edges).length);
	const step = mainJob.nodes[Object.values(mainJob.edges)[0]!.target]!;
	const [x, y] = freePlace(boxes, size, [step.position[0], step.position[1] - 100]);
	expect(boxes.filter((box) => overlaps(box, { x, y, ...size }))).toEqual([]);
});
