import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Executor } from './db/client.ts';
import { executePrepared } from './db/prepared.ts';

const org = { orgId: z.uuid() };

/**
 * The catalogue: every job and the shape of its payload. Added only through `enqueue`, in the transaction
 * that changes the state it is about; run by worker/tasks/<name>.ts.
 */
export const jobs = {
	/** A wake-up for the engine: due rows or waiting responses may exist. Holds no truth of its own. */
	advance: z.object({}),
	/** Evaluates record_changes against views and un-enrollment criteria. */
	drainRecordChanges: z.object({}),
	/** Outbox: hands queued messages of a channel to the relay or API. */
	sendMessages: z.object({ channel: z.enum(['email', 'whatsapp']) }),
	/** GRA-8: calls the receivers of webhook actions. */
	sendWebhooks: z.object({}),
	/** A completed scan of a view cadence: enroll who matches, un-enroll who left. */
	scanCadence: z.object({
		...org,
		cadenceId: z.uuid(),
		/** Who deleted the cadence: its runs are ended in that name. */
		actorId: z.uuid().nullable().default(null)
	}),
	/** Bulk enroll / un-enroll / re-enroll with progress (background_tasks.kind says which). */
	runBackgroundTask: z.object({ ...org, taskId: z.uuid() }),
	runImport: z.object({ ...org, importId: z.uuid() }),
	/** Every minute: leases, overdue activities, reminders, lost wake-ups, fold of report deltas, partitions. */
	sweep: z.object({}),
	foldReports: z.object({}),
	whatsappSyncTemplates: z.object({ ...org }),
	compactDocuments: z.object({})
} as const;
export type JobName = keyof typeof jobs;
export type JobPayload<N extends JobName> = z.infer<(typeof jobs)[N]>;

export type EnqueueOptions = {
	key?: string;
	/** From now, by the database's clock: this machine's may be wrong (RELIABILITY.md 2.5). */
	inSeconds?: number;
	maxAttempts?: number;
	queue?: string;
};

/** Adds a job inside the caller's transaction: a rollback leaves no job. Without `inSeconds` it starts in milliseconds. */
export async function enqueue<N extends JobName>(
	tx: Executor,
	name: N,
	payload: z.input<(typeof jobs)[N]>,
	options: EnqueueOptions = {}
): Promise<void> {
	const body = JSON.stringify(jobs[name].parse(payload));
	await executePrepared(
		tx,
		sql`select jobs.enqueue(${name}, ${body}::json,
		clock_timestamp() + make_interval(secs => ${options.inSeconds ?? null}::float8),
		${options.key ?? null}, ${options.maxAttempts ?? null}::int, ${options.queue ?? null})`
	);
}

/**
 * ENR-2: a look at a cadence that nobody waits for. Those of an organization one after the other: at its midnight all that
 * count days are due at once, and together they would hold all places of a worker.
 */
export const enqueueScan = (tx: Executor, scan: { orgId: string; cadenceId: string }): Promise<void> =>
	enqueue(tx, 'scanCadence', scan, { key: `rescan:${scan.cadenceId}`, queue: `scan/${scan.orgId}` });
