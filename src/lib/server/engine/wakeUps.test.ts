import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWakeUps } from './wakeUps.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Writes down when it was said, and takes its time or fails as it is told. */
function listening(how: { takesMs?: number; fails?: boolean } = {}) {
	const said: number[] = [];
	let under = 0;
	let most = 0;
	const start = performance.now();
	const wakeUps = createWakeUps(async () => {
		said.push(Math.round(performance.now() - start));
		most = Math.max(most, ++under);
		if (how.takesMs) await new Promise((done) => setTimeout(done, how.takesMs));
		under--;
		if (how.fails) throw new Error('The database is away.');
	});
	return { ...wakeUps, said, how, most: () => most };
}

test('RELIABILITY 2.6: the first wake-up is said at once, then at most four in a second, and the last is never lost', async () => {
	const { soon, said } = listening();
	for (let ms = 0; ms < 2000; ms += 10) {
		soon();
		await vi.advanceTimersByTimeAsync(10);
	}
	await vi.advanceTimersByTimeAsync(1000);
	expect(said).toEqual([0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000]);
	// Long after: at once again.
	await vi.advanceTimersByTimeAsync(5000);
	soon();
	await vi.advanceTimersByTimeAsync(0);
	expect(said.at(-1)).toBe(8000);
	expect(vi.getTimerCount()).toBe(0);
});

test('RELIABILITY 2.6: what is owed while one is being said is said after it, never two at a time', async () => {
	const { soon, said, most } = listening({ takesMs: 900 });
	for (let ms = 0; ms < 2000; ms += 100) {
		soon();
		await vi.advanceTimersByTimeAsync(100);
	}
	await vi.advanceTimersByTimeAsync(3000);
	// The last was asked for at 1,900, while the one of 1,800 was under way.
	expect(said).toEqual([0, 900, 1800, 2700]);
	expect(most()).toBe(1);
});

test('RELIABILITY 2.6: one that fails ends nothing: the next is said in its turn', async () => {
	const { soon, flush, said, how } = listening({ fails: true });
	soon();
	await vi.advanceTimersByTimeAsync(0);
	soon();
	await vi.advanceTimersByTimeAsync(250);
	expect(said).toEqual([0, 250]);
	soon();
	await expect(flush()).resolves.toBeUndefined();
	how.fails = false;
	await vi.advanceTimersByTimeAsync(1000);
	soon();
	await vi.advanceTimersByTimeAsync(0);
	expect(said).toEqual([0, 250, 250, 1250]);
});

test('RELIABILITY 2.6: a flush says what is owed without waiting for its turn, and waits for what is being said', async () => {
	const { soon, flush, said } = listening({ takesMs: 40 });
	await flush();
	expect(said).toEqual([]);
	soon();
	let over = false;
	const flushed = flush().then(() => (over = true));
	await vi.advanceTimersByTimeAsync(39);
	expect([said, over]).toEqual([[0], false]);
	await vi.advanceTimersByTimeAsync(1);
	await flushed;
	soon();
	await vi.advanceTimersByTimeAsync(10);
	expect(said).toEqual([0]);
	await Promise.all([flush(), vi.advanceTimersByTimeAsync(40)]);
	expect(said).toEqual([0, 50]);
	// It was in a hurry only then.
	soon();
	await vi.advanceTimersByTimeAsync(150);
	expect(said).toEqual([0, 50]);
	await vi.advanceTimersByTimeAsync(60);
	expect(said).toEqual([0, 50, 300]);
});
