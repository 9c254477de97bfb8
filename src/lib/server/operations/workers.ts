import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Db, Executor } from '../db/client.ts';

/** A worker that was not seen for so long is dead to the others: short, for one that only slept does no harm (E6). */
export const deadAfterSeconds = 8;

const row = z.object({
	id: z.string(),
	host: z.string(),
	pid: z.number(),
	lanes: z.number(),
	startedAt: z.coerce.date(),
	seenAt: z.coerce.date(),
	memoryMb: z.number(),
	state: z.enum(['alive', 'dead', 'stopped'])
});
export type WorkerSeen = z.infer<typeof row>;

/** OPS-2: worker processes of the last day, the living first. */
export async function listWorkers(tx: Executor): Promise<WorkerSeen[]> {
	const rows = await tx.execute(sql`
		select id, host, pid, lanes, started_at as "startedAt", seen_at as "seenAt", memory_mb as "memoryMb",
			case when stopped_at is not null then 'stopped'
				when seen_at < clock_timestamp() - make_interval(secs => ${deadAfterSeconds}) then 'dead' else 'alive' end as state
		from app.workers order by state, started_at limit 200`);
	return z.array(row).parse([...rows]);
}

export type Heartbeat = { stop: () => Promise<void> };

/**
 * OPS-2: this worker's row, renewed every few seconds, and the others' work taken over: whatever a worker that was not
 * seen any more has locked in the queue is unlocked, so its jobs begin again elsewhere within seconds. Jobs go on from
 * their stored place, so one that only slept does no harm when it wakes up.
 */
export function startHeartbeat(
	db: Db,
	options: { queueId: string; lanes: number; deadAfterMs: number; onError: (error: unknown) => void }
): Heartbeat {
	const id = randomUUID();
	const { deadAfterMs } = options;
	let busy: Promise<void> | null = null;
	const beat = async () => {
		try {
			await renew(db, id, options);
			await takeOver(db, deadAfterMs);
		} catch (error) {
			// The database is away: the next beat tells.
			options.onError(error);
		}
	};
	const tick = () => (busy ??= beat().finally(() => (busy = null)));
	void tick();
	const timer = setInterval(() => void tick(), deadAfterMs / 4);
	return {
		stop: async () => {
			clearInterval(timer);
			await busy;
			await db
				.execute(sql`update app.workers set stopped_at = clock_timestamp() where id = ${id}::uuid`)
				.catch(options.onError);
		}
	};
}

const renew = (db: Db, id: string, { queueId, lanes }: { queueId: string; lanes: number }) =>
	db.execute(sql`
		insert into app.workers as w (id, queue_id, host, pid, lanes, memory_mb)
		values (${id}::uuid, ${queueId}, ${hostname()}, ${process.pid}, ${lanes},
			${Math.round(process.memoryUsage.rss() / 2 ** 20)})
		on conflict (id) do update set seen_at = clock_timestamp(), memory_mb = excluded.memory_mb, released_at = null`);

/** @returns how many dead workers' jobs were unlocked */
export async function takeOver(db: Db, deadAfterMs: number): Promise<number> {
	return db.transaction(async (tx) => {
		// A wall clock, not app.now(): a shifted clock must not kill anybody.
		const dead = await tx.execute<{ queue_id: string }>(sql`
			update app.workers set released_at = clock_timestamp() where id in (
				select id from app.workers
				where released_at is null and stopped_at is null
					and seen_at < clock_timestamp() - make_interval(secs => ${deadAfterMs / 1000}::float8)
				for update skip locked)
			returning queue_id`);
		await tx.execute(sql`
			delete from app.workers where coalesce(stopped_at, seen_at) < clock_timestamp() - interval '1 day'`);
		if (dead.length)
			await tx.execute(
				sql`select graphile_worker.force_unlock_workers(${sql.param(dead.map((one) => one.queue_id))}::text[])`
			);
		return dead.length;
	});
}
