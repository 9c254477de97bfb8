import { strictEqual } from 'node:assert';
import { sql } from 'drizzle-orm';
import { Logger, run } from 'graphile-worker';
import pg from 'pg';
import { startEngine } from '../../../src/lib/server/engine/loop.ts';
import type { TestDatabase } from '../../support/clone.ts';
import type { World } from '../../support/engineWorld.ts';
import { makeBenchCadence, seedRuns, taskChain } from './world.ts';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const overSeconds = 5;

/** p95 of a list. */
export const p95 = (values: readonly number[]): number =>
	values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1]!;

/** Due work on an idle system, spread over some seconds: ours against graphile-worker's jobs at its default settings. */
export async function measureLateness(db: TestDatabase, world: World, n: number) {
	const theirs = p95(await graphileLateness(db.urls.worker, n));
	const cadence = await makeBenchCadence(db, world, taskChain(1));
	await seedRuns(db, world, cadence, { n, due: `1 + i * ${overSeconds}::float8 / ${n}` });
	const engine = startEngine(db.worker, { log: { error: (problem: unknown) => console.error(problem) } });
	await pause((overSeconds + 2) * 1000);
	await engine.stop();
	const late = await latenessOf(db, cadence.cadenceId);
	strictEqual(late.length, n);
	return { oursP95Ms: p95(late), theirsP95Ms: theirs };
}

/** Milliseconds from the due time to the commit of the step, by the server's own clock. */
export async function latenessOf(db: TestDatabase, cadenceId: string): Promise<number[]> {
	const rows = await db.admin.execute<{ ms: number }>(sql`
		select (extract(epoch from pg_xact_commit_timestamp(a.xmin) + (select shift from app.clock) - d.due_at) * 1000)::float8 as ms
		from enrollments e join bench_due d on d.id = e.id
		join action_runs a on a.org_id = e.org_id and a.enrollment_id = e.id
		where e.cadence_id = ${cadenceId} and a.action_id = 'step1'`);
	return rows.map((row) => row.ms);
}

async function graphileLateness(workerUrl: string, n: number): Promise<number[]> {
	const pool = new pg.Pool({ connectionString: workerUrl, max: 10 });
	pool.on('error', () => undefined);
	pool.on('connect', (client) => client.on('error', () => undefined));
	const late: number[] = [];
	const runner = await run({
		pgPool: pool,
		noHandleSignals: true,
		logger: new Logger(() => () => undefined),
		taskList: {
			due: (payload) => void late.push(Date.now() - (payload as { at: number }).at)
		}
	});
	const start = Date.now() + 1000;
	for (let i = 0; i < n; i++) {
		const at = start + (i * overSeconds * 1000) / n;
		await pool.query(`select graphile_worker.add_job('due', $1, run_at => $2)`, [{ at }, new Date(at)]);
	}
	for (let tries = 0; late.length < n && tries < 300; tries++) await pause(50);
	await runner.stop();
	await pool.end();
	strictEqual(late.length, n);
	return late;
}
