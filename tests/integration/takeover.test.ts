import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { createImport } from '../../src/lib/server/imports/createImport.ts';
import { startImport } from '../../src/lib/server/imports/startImport.ts';
import { enqueue } from '../../src/lib/server/jobs.ts';
import { testEnvironment } from '../support/config.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	days,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	task
} from '../support/engineWorld.ts';

const script = fileURLToPath(new URL('../support/workerProcess.ts', import.meta.url));
const deadAfterMs = 2_000;

/** A whole worker in a process of its own; `failpoint` kills it at a place. */
const startProcess = (db: TestDatabase, failpoint = '') =>
	new Promise<ChildProcess>((ready, failed) => {
		const child = spawn(process.execPath, [script, db.urls.worker, String(deadAfterMs)], {
			env: { ...process.env, ...testEnvironment(db.urls), FAILPOINT: failpoint },
			stdio: ['ignore', 'inherit', 'inherit', 'ipc']
		});
		child.once('message', () => ready(child));
		child.once('error', failed);
		child.once('exit', (code) => failed(new Error(`The worker ended at once (${code}).`)));
	});
const ended = (child: ChildProcess) =>
	child.exitCode !== null || child.signalCode !== null
		? Promise.resolve()
		: new Promise<void>((done) => child.once('exit', () => done()));

test(
	'OPS-2: what a killed worker had in hand, another one ends: bulk enrollment, import and scan',
	{ timeout: 90_000 },
	async ({ db }) => {
		const world = await makeWorld(db);
		const steps = [task('a', [branch('a', { response: 'created' }, 'b', days(1))]), task('b')];
		const { cadenceId } = await makeCadence(db, world, planOf(steps, {}, days(1)));
		const viewId = await makeView(db, world, { field: 'leadStatus', op: 'is', value: 'Contacted' });
		const byView = await makeCadence(db, world, planOf(steps, { viewId }, days(1)), { viewId });
		await makeLeads(
			db,
			world,
			Array.from({ length: 5_500 }, (_, i) => ({ data: { leadStatus: i % 10 ? 'New' : 'Contacted' } }))
		);
		const content = new TextEncoder().encode(
			['Last Name,Company', ...Array.from({ length: 1_500 }, (_, i) => `Import ${i},New`)].join('\n')
		);

		// The first chunk of the bulk enrollment is committed, then the process dies with all three jobs in hand.
		const first = await startProcess(db, 'task.committed:1');
		await withOrg(db.web, world.orgId, async (tx) => {
			const { id: importId, suggested } = await createImport(tx, world.actor, {
				moduleKey: 'leads',
				fileName: 'a.csv',
				content
			});
			await startImport(tx, world.actor, { importId, mapping: suggested });
			await enrollRecords(tx, world.actor, { cadenceId, records: { filter: { criteria: { all: [] } } } });
			await enqueue(tx, 'scanCadence', { orgId: world.orgId, cadenceId: byView.cadenceId });
		});
		await ended(first);
		const died = Date.now();
		expect(first.signalCode).toBe('SIGKILL');
		const [locked] = await db.worker.execute<{ n: number }>(sql`
		select count(*)::int as n from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
		where j.locked_by is not null and t.identifier = 'runBackgroundTask'`);
		expect(locked!.n).toBe(1);

		const second = await startProcess(db);
		const state = async () => {
			const [row] = await db.admin.execute(sql`
			select (select status || ' ' || processed from background_tasks where org_id = ${world.orgId}) as bulk,
				(select status || ' ' || created from imports where org_id = ${world.orgId}) as import,
				(select count(*)::int from enrollments where cadence_id = ${cadenceId}) as enrolled,
				(select count(*)::int from enrollments where cadence_id = ${byView.cadenceId}) as scanned,
				(select count(*)::int from events where cadence_id in (${cadenceId}, ${byView.cadenceId}) and kind = 'enrolled') as logged,
				(select count(*)::int from records where org_id = ${world.orgId}) as records,
				(select scanned_at is not null from cadences where id = ${byView.cadenceId}) as complete`);
			return row;
		};
		try {
			await expect.poll(state, { timeout: 60_000, interval: 250 }).toEqual({
				bulk: 'done 5500',
				import: 'done 1500',
				enrolled: 5_500,
				scanned: 550,
				logged: 6_050,
				records: 7_000,
				complete: true
			});
			expect(Date.now() - died).toBeLessThan(60_000);
			const workers = await db.admin.execute<{ released: boolean }>(
				sql`select released_at is not null as released from app.workers order by started_at`
			);
			expect(workers.map((worker) => worker.released)).toEqual([true, false]);
		} finally {
			second.kill('SIGKILL');
			await ended(second);
		}
	}
);
