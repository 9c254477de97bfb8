import { expect, test } from 'vitest';
import { moveCaret } from './textDelta.ts';

test('COL-1: a caret stays in its place in the text while others type around it', () => {
	expect(moveCaret(5, [{ insert: 'abc' }])).toBe(8);
	expect(moveCaret(5, [{ retain: 6 }, { insert: 'abc' }])).toBe(5);
	expect(moveCaret(5, [{ retain: 2 }, { delete: 2 }])).toBe(3);
	expect(moveCaret(5, [{ retain: 4 }, { delete: 9 }])).toBe(4);
	expect(moveCaret(5, [{ retain: 5 }, { delete: 3 }])).toBe(5);
	expect(moveCaret(0, [{ insert: 'abc' }])).toBe(0);
});
