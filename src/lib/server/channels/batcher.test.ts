import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';

/** Doubles its items in its own time, and writes down each set. */
function doubling(options?: ConstructorParameters<typeof Batcher>[1]) {
	const sets: number[][] = [];
	let running = 0;
	let most = 0;
	const batcher = new Batcher<number, number>(async (items) => {
		sets.push(items);
		most = Math.max(most, ++running);
		await sleep(5);
		running--;
		if (items.includes(-1)) throw new Error('refused');
		return items.map((item) => item * 2);
	}, options);
	return { batcher, sets, most: () => most };
}

test('what comes while a set is under way goes together into the next, and each caller hears of its own', async () => {
	const { batcher, sets, most } = doubling({ max: 3 });
	expect(await Promise.all([1, 2, 3, 4, 5].map((n) => batcher.add(n)))).toEqual([2, 4, 6, 8, 10]);
	expect(sets).toEqual([
		[1, 2, 3],
		[4, 5]
	]);
	expect(most()).toBe(1);
	expect(await batcher.add(6)).toBe(12);
});

test('a set that fails fails for those in it alone', async () => {
	const { batcher } = doubling({ max: 2 });
	const settled = await Promise.allSettled([1, -1, 3].map((n) => batcher.add(n)));
	expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

test('two sets at once; one that gathers takes what comes meanwhile', async () => {
	const two = doubling({ max: 1, atOnce: 2 });
	await Promise.all([1, 2, 3, 4].map((n) => two.batcher.add(n)));
	expect(two.most()).toBe(2);
	const gathering = doubling({ gatherMs: 30 });
	const early = gathering.batcher.add(1);
	await sleep(5);
	await Promise.all([early, gathering.batcher.add(2)]);
	expect(gathering.sets).toEqual([[1, 2]]);
});
