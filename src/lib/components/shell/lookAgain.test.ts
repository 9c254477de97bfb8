import { expect, test } from 'vitest';
import { lookAgain } from './lookAgain.ts';

/** A page somebody may be leaving; `looked` counts how often it was loaded anew. */
function page() {
	const state = {
		looked: 0,
		navigating: { complete: null as Promise<void> | null },
		invalidate: () => Promise.resolve(void state.looked++)
	};
	return state;
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what happens elsewhere is shown at once', () => {
	const kit = page();
	lookAgain('app:work', kit);
	expect(kit.looked).toBe(1);
});

test('what happens while somebody is on the way to another page is shown when they are there, not before', async () => {
	const kit = page();
	const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	kit.navigating.complete = first.promise;
	lookAgain('app:work', kit);
	// They clicked something else meanwhile.
	kit.navigating.complete = second.promise;
	first.reject(new Error('navigation aborted'));
	await turn();
	expect(kit.looked).toBe(0);
	kit.navigating.complete = null;
	second.resolve();
	await turn();
	expect(kit.looked).toBe(1);
});

test('a way that was given up without another one does not keep a page from looking again', async () => {
	const kit = page();
	kit.navigating.complete = Promise.reject(new Error('navigation aborted'));
	lookAgain('app:work', kit);
	await turn();
	expect(kit.looked).toBe(1);
});
