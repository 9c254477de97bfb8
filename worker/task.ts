import type { Logger } from 'pino';
import type { Db } from '#lib/server/db/client.ts';
import { jobs, type JobName, type JobPayload } from '#lib/server/jobs.ts';

/** What a task gets besides its payload. `signal` aborts when the process is asked to stop. */
export type TaskContext = {
	db: Db;
	log: Logger;
	signal: AbortSignal;
	/** Tells this process's engine loop that something may be due (no database round trip). */
	wakeEngine: () => void;
};

export type Task = { name: JobName; run: (payload: unknown, context: TaskContext) => Promise<void> };

/** A task parses its payload with the catalogue's schema and calls one operation of server/. */
export const defineTask = <N extends JobName>(
	name: N,
	handle: (payload: JobPayload<N>, context: TaskContext) => Promise<unknown>
): Task => ({
	name,
	run: async (payload, context) => {
		await handle(jobs[name].parse(withoutCron(payload)) as JobPayload<N>, context);
	}
});

/** Jobs added by the crontab carry `_cron`. */
function withoutCron(payload: unknown): unknown {
	if (typeof payload !== 'object' || payload === null) return {};
	return Object.fromEntries(Object.entries(payload).filter(([key]) => key !== '_cron'));
}
