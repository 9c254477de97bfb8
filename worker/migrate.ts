import { runMigrations } from 'graphile-worker';
import pg from 'pg';

/** The queue's own tables, created and upgraded with the worker's login; about 50 ms on an empty database. */
export async function migrateQueue(workerUrl: string): Promise<void> {
	const pool = new pg.Pool({ connectionString: workerUrl, max: 2, connectionTimeoutMillis: 10_000 });
	pool.on('error', () => undefined);
	pool.on('connect', (client) => client.on('error', () => undefined));
	try {
		await runMigrations({ pgPool: pool });
	} finally {
		await pool.end();
	}
}
