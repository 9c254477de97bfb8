import { expect, test } from 'vitest';
import type { StickyNote } from '#lib/collab/stickyNotes.ts';
import { stickyNodes } from './stickyNodes.ts';

const note: StickyNote = { id: 'n', position: [10, 20], size: [200, 140], color: 'yellow', text: 'Hi' };
const nobody = new Map<string, [number, number]>();

test('COL-3: a note that somebody resizes has that size until it is let go; what did not change keeps its identity', () => {
	const at = stickyNodes([note], [], nobody);
	expect(at).toMatchObject([{ position: { x: 10, y: 20 }, width: 200, height: 140 }]);
	expect(stickyNodes([note], at, nobody)[0]).toBe(at[0]);
	const grown = stickyNodes([note], at, nobody, new Map([['n', [0, 5, 320.5, 180]]]));
	expect(grown).toMatchObject([{ position: { x: 0, y: 5 }, width: 320.5, height: 180 }]);
	expect(stickyNodes([note], grown, nobody, new Map([['n', [0, 5, 320.5, 180]]]))[0]).toBe(grown[0]);
	// Given up, or the person left: the document's size again.
	expect(stickyNodes([note], grown, nobody)).toMatchObject([
		{ position: { x: 10 }, width: 200, height: 140 }
	]);
});
