import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { enqueue } from '../../src/lib/server/jobs.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { startWorker } from '../../worker/main.ts';
import { loadTasks } from '../../worker/loadTasks.ts';
import { expect, test } from '../support/db.ts';
import {
	branch,
	days,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	runsOf,
	task
} from '../support/engineWorld.ts';

const steps = [task('a', [branch('a', { response: 'created' }, 'b', days(1))]), task('b')];

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
