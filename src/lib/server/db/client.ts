import { sql } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { boundWait } from './boundWait.ts';

export type Db = PostgresJsDatabase<Record<string, never>> & { $client: postgres.Sql };
/** A transaction that belongs to one organization: row level security sees `app.org`. */
export type OrgTx = Parameters<Parameters<Db['transaction']>[0]>[0];
/** Any handle that can run statements. */
export type Executor = Db | OrgTx;

export type DbOptions = {
	max?: number;
	name: string;
	statementTimeoutMs?: number;
	lockTimeoutMs?: number;
	/** How long a caller waits for a connection of the pool; a person behind it should wait less than a job. */
	waitMs?: number;
};

/** One pool. Call `db.$client.end()` when done. Sessions speak UTC so that no zone of a machine leaks in. */
export function createDb(url: string, options: DbOptions): Db {
	const client = postgres(url, {
		max: options.max ?? 10,
		connect_timeout: 10,
		idle_timeout: 60,
		onnotice: () => {},
		connection: {
			application_name: options.name,
			TimeZone: 'UTC',
			statement_timeout: options.statementTimeoutMs ?? 60_000,
			lock_timeout: options.lockTimeoutMs ?? 10_000,
			idle_in_transaction_session_timeout: 60_000
		}
	});
	boundWait(client, options.waitMs ?? 30_000);
	return drizzle(client, { casing: 'snake_case' }) as Db;
}

/** RELIABILITY.md 4: every query of an organization runs in here; nothing is visible without it. */
export function withOrg<T>(db: Db, orgId: string, fn: (tx: OrgTx) => Promise<T>): Promise<T> {
	return db.transaction(async (tx) => {
		await tx.execute(sql`select set_config('app.org', ${orgId}, true)`);
		return fn(tx);
	});
}
