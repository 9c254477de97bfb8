import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Group commit: what arrives while statements run goes into the next. Few flushes at a time, so a slow database makes
 * larger sets instead of more connections.
 */
export class Batcher<Item, Result> {
	#run: (items: Item[]) => Promise<Result[]>;
	#waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
	#flushing = 0;
	#options: { max: number; atOnce: number; gatherMs: number };

	/**
	 * `run` answers in the order of its items; it settles or throws for the whole set. `atOnce`: sets under way;
	 * `gatherMs`: how long a set waits for more, where nobody waits for its answer.
	 */
	constructor(
		run: (items: Item[]) => Promise<Result[]>,
		{ max = 200, atOnce = 1, gatherMs = 0 }: { max?: number; atOnce?: number; gatherMs?: number } = {}
	) {
		this.#run = run;
		this.#options = { max, atOnce, gatherMs };
	}

	add(item: Item): Promise<Result> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ item, resolve, reject });
			// Whoever comes in the same turn of the event loop shares the statement.
			if (this.#flushing >= this.#options.atOnce) return;
			this.#flushing++;
			setImmediate(() => void this.#drain());
		});
	}

	async #drain(): Promise<void> {
		while (this.#waiting.length) {
			if (this.#options.gatherMs) await sleep(this.#options.gatherMs);
			const batch = this.#waiting.splice(0, this.#options.max);
			if (!batch.length) break;
			try {
				const results = await this.#run(batch.map((entry) => entry.item));
				batch.forEach((entry, i) => entry.resolve(results[i]!));
			} catch (error) {
				for (const entry of batch) entry.reject(error);
			}
		}
		this.#flushing--;
	}
}
