import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { createDb } from '../../src/lib/server/db/client.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

const script = fileURLToPath(new URL('../support/databaseLoad.ts', import.meta.url));
/** RELIABILITY.md 3, E4: the whole campaign takes a minute. */
const seconds = Number(process.env['LOST_BACKENDS_SECONDS'] ?? 3);

type Outcome = { confirmed: string[]; failed: number; after: number };

const endBackends = (db: TestDatabase, application: string) =>
	db.admin.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and application_name = ${application}`);

const makeTable = (db: TestDatabase) =>
	db.admin
		.execute(sql`create table if not exists load_marks (id uuid, half int);`)
		.then(() => db.admin.execute(sql`grant all on load_marks to app_worker`));

test(
	'OPS-2: E4 short: backends are ended under load: the process lives, transactions stay whole, the pool recovers',
	{ timeout: 30_000 + seconds * 1000 },
	async ({ db }) => {
		await makeTable(db);
		const child = fork(script, [db.urls.worker], {
			execArgv: [],
			stdio: ['ignore', 'ignore', 'inherit', 'ipc']
		});
		const ended = once(child, 'exit').then(([code]: number[]) => ({ exit: code }));
		const message = () => Promise.race([once(child, 'message').then(([value]: unknown[]) => value), ended]);
		expect(await message()).toEqual({ ready: true });
		for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(60))
			await endBackends(db, 'database-load');
		expect(child.exitCode).toBe(null);
		child.send('stop');
		const outcome = (await message()) as Outcome;
		expect(await ended).toEqual({ exit: 0 });

		expect(outcome.after).toBe(40);
		expect(outcome.failed).toBeGreaterThan(10);
		expect(outcome.confirmed.length).toBeGreaterThan(10);
		const rows = await db.admin.execute<{ id: string; halves: number }>(
			sql`select id, count(*)::int as halves from load_marks group by id`
		);
		expect(rows.filter((row) => row.halves !== 2)).toEqual([]);
		const stored = new Set(rows.map((row) => row.id));
		expect(outcome.confirmed.filter((id) => !stored.has(id))).toEqual([]);
	}
);

test('OPS-2: a transaction that lost its connection cannot write through the one that took its place', async ({
	db
}) => {
	await makeTable(db);
	await db.admin.execute(sql`truncate load_marks`);
	const pool = createDb(db.urls.worker, { name: 'one-line', max: 1 });
	const late = Promise.withResolvers<unknown>();
	const transaction = pool.transaction(async (tx) => {
		await tx.execute(sql`select 1`);
		await endBackends(db, 'one-line');
		// Somebody else has the new connection by now.
		await expect
			.poll(() =>
				pool.execute(sql`select 1`).then(
					() => 'up',
					() => 'down'
				)
			)
			.toBe('up');
		await tx
			.execute(sql`insert into load_marks (id, half) values (app.new_id(), 1)`)
			.then(() => late.resolve('written'), late.resolve);
	});
	await expect(transaction).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
	expect(await late.promise).toBeInstanceOf(Error);
	await pool.$client.end();
	expect(await db.admin.execute(sql`select * from load_marks`)).toHaveLength(0);
});
