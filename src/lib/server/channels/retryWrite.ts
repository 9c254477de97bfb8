import { setTimeout as sleep } from 'node:timers/promises';
import { getLog } from '../log.ts';

/**
 * SQLSTATE classes of a fault of the moment: connection, resources, operator, serialization, deadlock; and a server that
 * is not the primary any more (25006), or not yet.
 */
const passing = /^(08|53|57|40|58|55|25006)/;
/** The way to the server, with its name: in a network of containers that goes and comes with it. */
const unreached =
	/^(ECONN|EPIPE|ETIMEDOUT|CONNECTION_|CONNECT_|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOENT)/;

/** The database is away or busy: the same will go another time. */
export function isPassing(error: unknown): boolean {
	for (let current = error; current instanceof Error; current = current.cause) {
		const code = (current as { code?: unknown }).code;
		if (typeof code !== 'string') continue;
		if (passing.test(code) || unreached.test(code)) return true;
	}
	return false;
}

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
