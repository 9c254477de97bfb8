import { Logger, run } from 'graphile-worker';
import pg from 'pg';

/**
 * The yardstick: graphile-worker's own no-op jobs at its best settings (local queue of 500, batched completion,
 * 24 at once, one process, no log line per job). Statement that fills the queue, vacuumed before the clock starts:
 *   select count(*) from graphile_worker.add_jobs(array of n ('noop', '{}'))
 */
export async function rawGraphileJobsPerSecond(workerUrl: string, jobs: number): Promise<number> {
	const pool = new pg.Pool({ connectionString: workerUrl, max: 10, connectionTimeoutMillis: 10_000 });
	pool.on('error', () => undefined);
	pool.on('connect', (client) => client.on('error', () => undefined));
	try {
		await pool.query(
			`select count(*) from graphile_worker.add_jobs((
				select array_agg(row('noop', '{}'::json, null, now(), 3, null, 0, null)::graphile_worker.job_spec)
				from generate_series(1, $1::int)))`,
			[jobs]
		);
		await pool.query('vacuum analyze graphile_worker._private_jobs');
		let done = 0;
		let finish: () => void = () => undefined;
		const finished = new Promise<void>((resolve) => (finish = resolve));
		const startedAt = performance.now();
		const runner = await run({
			pgPool: pool,
			noHandleSignals: true,
			logger: new Logger(() => () => undefined),
			taskList: {
				noop: () => {
					if (++done === jobs) finish();
				}
			},
			preset: {
				worker: {
					concurrentJobs: 24,
					localQueue: { size: 500 },
					completeJobBatchDelay: 0,
					failJobBatchDelay: 0
				}
			}
		});
		await finished;
		const seconds = (performance.now() - startedAt) / 1000;
		await runner.stop();
		return jobs / seconds;
	} finally {
		await pool.end();
	}
}
