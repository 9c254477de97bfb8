import { expect, test } from 'vitest';
import { chooseVariant, variantsOf } from './chooseVariant.ts';

/** UUIDs version 7 as they are made one after the other: nearly the same text. */
const seed = (i: number) => `019${i.toString(16).padStart(9, '0')}-7abc-8def-0123456789ab/1/mail`;

test('GRA-8: variants come by their weights, as chance would have it (chi-square)', () => {
	const variants = [
		{ id: 'a', weight: 50 },
		{ id: 'b', weight: 30 },
		{ id: 'c', weight: 20 }
	];
	const n = 100_000;
	const counts: Record<string, number> = {};
	for (let i = 0; i < n; i++) {
		const { id } = chooseVariant(seed(i), variants);
		counts[id] = (counts[id] ?? 0) + 1;
	}
	const chi = variants.reduce((sum, { id, weight }) => {
		const expected = (n * weight) / 100;
		return sum + ((counts[id] ?? 0) - expected) ** 2 / expected;
	}, 0);
	// Two degrees of freedom: one in a thousand draws by chance lies above 13.8.
	expect(chi).toBeLessThan(13.8);
});

test('GRA-8: a retry chooses the same variant; another run or action chooses anew', () => {
	const variants = [
		{ id: 'a', weight: 1 },
		{ id: 'b', weight: 1 }
	];
	const chosen = (text: string) => chooseVariant(text, variants).id;
	let moved = 0;
	for (let i = 0; i < 1000; i++) {
		expect(chosen(seed(i))).toBe(chosen(seed(i)));
		if (chosen(seed(i)) !== chosen(seed(i).replace('/1/', '/2/'))) moved++;
	}
	expect(moved).toBeGreaterThan(400);
	expect(moved).toBeLessThan(600);
});

test('GRA-8: an e-mail without variants has no test; the first template takes part in one', () => {
	expect(variantsOf({ templateId: 't' })).toBeNull();
	expect(variantsOf({ templateId: 't', variants: [] })).toBeNull();
	expect(
		variantsOf({ templateId: 't', weight: 10, variants: [{ id: 'v2', templateId: 'u', weight: 90 }] })
	).toEqual([
		{ id: 'a', templateId: 't', weight: 10 },
		{ id: 'v2', templateId: 'u', weight: 90 }
	]);
});
