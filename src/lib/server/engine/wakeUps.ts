import type { Db } from '../db/client.ts';
import { enqueue } from '../jobs.ts';

export type WakeUps = {
	/** The engine has something to look at. */
	soon: () => void;
	/** Says now what is still owed. */
	flush: () => Promise<void>;
};

/** A job with its NOTIFY costs as much as an outcome, and a pass of one response nearly as much as one of hundreds. */
const everyMs = 250;

/**
 * Wake-ups for the engine of whoever writes responses in many small sets: the first at once, the next ones together. One
 * that is lost with its process delays by no more than the engine's longest sleep: it holds no truth.
 */
export function createWakeUps(db: Db): WakeUps {
	let last = -Infinity;
	let timer: NodeJS.Timeout | null = null;
	const send = async () => {
		timer = null;
		last = performance.now();
		await enqueue(db, 'advance', {}, { key: 'advance' }).catch(() => undefined);
	};
	return {
		soon: () => void (timer ??= setTimeout(send, Math.max(0, last + everyMs - performance.now()))),
		flush: async () => {
			if (!timer) return;
			clearTimeout(timer);
			await send();
		}
	};
}
