import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { enqueue } from '../../src/lib/server/jobs.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { startBackgroundTask } from '../../src/lib/server/enrollments/startBackgroundTask.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { startWorker } from '../../worker/main.ts';
import { loadTasks } from '../../worker/loadTasks.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	days,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	runsOf,
	task,
	type World
} from '../support/engineWorld.ts';

const steps = [task('a', [branch('a', { response: 'created' }, 'b', days(1))]), task('b')];

async function startBulk(db: TestDatabase, world: World, cadenceId: string): Promise<void> {
	const ids = await makeLeads(db, world, [{}]);
	await withOrg(db.web, world.orgId, (tx) =>
		startBackgroundTask(tx, world.actor, 'enroll', { cadenceId, ids }, 1)
	);
}

test('ENR-2, OPS-2: a worker takes wake-ups, jobs and record changes, and stops cleanly', async ({ db }) => {
	const world = await makeWorld(db);
	const manual = await makeCadence(db, world, planOf(steps));
	const viewId = await makeView(db, world, { field: 'leadStatus', op: 'is', value: 'Contacted' });
	const byView = await makeCadence(db, world, planOf(steps, { viewId }), { viewId });
	const ids = await makeLeads(db, world, [{}, {}, { data: { leadStatus: 'Contacted' } }]);
	const current = async (cadenceId: string) =>
		(await runsOf(db, cadenceId)).map((run) => run.current_action_id);
	const worker = await startWorker({ url: db.urls.worker, log: pino({ level: 'silent' }), pool: 4 });
	try {
		await withOrg(db.web, world.orgId, async (tx) => {
			await enrollRecords(tx, world.actor, {
				cadenceId: manual.cadenceId,
				records: { ids: ids.slice(0, 2) }
			});
			await enqueue(tx, 'scanCadence', {
				orgId: world.orgId,
				cadenceId: byView.cadenceId
			});
		});
		await expect.poll(() => current(manual.cadenceId), { timeout: 8000 }).toEqual(['a', 'a']);
		await expect.poll(() => current(byView.cadenceId), { timeout: 8000 }).toEqual(['a']);
		// Within 5 seconds of the change.
		await db.admin.execute(
			sql`update records set data = data || '{"leadStatus": "Contacted"}' where id = ${ids[0]}`
		);
		await expect.poll(() => current(byView.cadenceId), { timeout: 5000 }).toEqual(['a', 'a']);
	} finally {
		await worker.stop();
	}
});

test('ENR-1, OPS-2: bulk work of one organization holds only one place of a worker', async ({ db }) => {
	const [great, small] = [await makeWorld(db), await makeWorld(db)];
	const [busy, other] = [
		await makeCadence(db, great, planOf(steps)),
		await makeCadence(db, small, planOf(steps))
	];
	const worker = await startWorker({ url: db.urls.worker, log: pino({ level: 'silent' }), pool: 10 });
	try {
		await db.admin.transaction(async (tx) => {
			// As long work: each of them waits for this cadence.
			await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${busy.cadenceId}::uuid))`);
			for (let i = 0; i < 7; i++) await startBulk(db, great, busy.cadenceId);
			await startBulk(db, small, other.cadenceId);
			await expect.poll(() => runsOf(db, other.cadenceId), { timeout: 5000 }).toHaveLength(1);
		});
		await expect.poll(() => runsOf(db, busy.cadenceId), { timeout: 8000 }).toHaveLength(7);
	} finally {
		await worker.stop();
	}
});

test('ENR-2, OPS-2: the cadences of one organization that are due for a look hold only one place of a worker', async ({
	db
}) => {
	const [great, small] = [await makeWorld(db), await makeWorld(db)];
	const viewId = await makeView(db, great, { all: [] });
	const ids: string[] = [];
	for (let i = 0; i < 7; i++)
		ids.push((await makeCadence(db, great, planOf(steps, { viewId }), { viewId })).cadenceId);
	const other = await makeCadence(db, small, planOf(steps));
	const worker = await startWorker({ url: db.urls.worker, log: pino({ level: 'silent' }), pool: 10 });
	const scanned = () =>
		db.admin.execute(sql`
			select 1 from cadences where id = any(${sql.param(ids)}::uuid[]) and scanned_at is not null`);
	try {
		await db.admin.transaction(async (tx) => {
			// As long work: each look waits for its cadence.
			for (const id of ids)
				await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${id}::uuid))`);
			await sweepEngine(db.worker);
			await startBulk(db, small, other.cadenceId);
			await expect.poll(() => runsOf(db, other.cadenceId), { timeout: 5000 }).toHaveLength(1);
		});
		await expect.poll(scanned, { timeout: 8000 }).toHaveLength(7);
	} finally {
		await worker.stop();
	}
});

test('DESIGN 2: every task file names a job of the catalogue', async () => {
	const tasks = await loadTasks();
	for (const name of [
		'advance',
		'drainRecordChanges',
		'runBackgroundTask',
		'scanCadence',
		'sendMessages',
		'sweep'
	] as const)
		expect(tasks.get(name)?.name).toBe(name);
});
