import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from '../db/isPassing.ts';
import { getLog } from '../log.ts';

/**
 * RELIABILITY.md 2.2: what the relay has already answered is written again and again until it lands. `forMs` ends it
 * for writes that something else repairs. `attempt` counts from 0.
 */
export async function retryWrite<T>(run: (attempt: number) => Promise<T>, forMs = Infinity): Promise<T> {
	const started = performance.now();
	for (let attempt = 0; ; attempt++) {
		try {
			return await run(attempt);
		} catch (error) {
			if (!isPassing(error) || performance.now() - started > forMs) throw error;
			getLog().warn({ error, attempt }, 'outbox write repeated');
			await sleep(Math.min(50 * 2 ** attempt, 5_000) * (0.5 + Math.random()));
		}
	}
}
