import { expect, test } from 'vitest';
import { distinctColors } from './distinctColors.ts';

test('COL-1: two people who wish for one colour get two, the same on every screen', () => {
	const one = distinctColors(
		new Map([
			['ann', 3],
			['bob', 3],
			['cem', 4]
		])
	);
	const other = distinctColors(
		new Map([
			['cem', 4],
			['bob', 3],
			['ann', 3]
		])
	);
	expect([...one]).toEqual([
		['ann', 3],
		['bob', 4],
		['cem', 5]
	]);
	expect(Object.fromEntries(other)).toEqual(Object.fromEntries(one));
});

test('COL-1: more people than colours still get one each', () => {
	const many = new Map(Array.from({ length: 12 }, (_, n) => [`p${String(n).padStart(2, '0')}`, n % 8]));
	const given = [...distinctColors(many).values()];
	expect(given).toHaveLength(12);
	expect(new Set(given.slice(0, 8)).size).toBe(8);
	expect(given.every((color) => color >= 0 && color < 8)).toBe(true);
});
