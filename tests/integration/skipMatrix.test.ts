import { sql } from 'drizzle-orm';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { answerExisting } from '../../src/lib/server/engine/answerExisting.ts';
import { drainRecordChanges } from '../../src/lib/server/engine/drainRecordChanges.ts';
import { scanCadence } from '../../src/lib/server/engine/scanCadence.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { previewEnroll } from '../../src/lib/server/enrollments/previewEnroll.ts';
import { restartEnrollments } from '../../src/lib/server/enrollments/restartEnrollments.ts';
import { runBackgroundTask } from '../../src/lib/server/enrollments/runBackgroundTask.ts';
import { createImport } from '../../src/lib/server/imports/createImport.ts';
import { runImport } from '../../src/lib/server/imports/runImport.ts';
import { startImport } from '../../src/lib/server/imports/startImport.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import {
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

const open = { field: 'leadStatus', op: 'is' as const, value: 'Contacted' };
const cold = { field: 'rating', op: 'is' as const, value: 'Cold' };
const rules = { leavesView: false, onDate: null, criteria: cold, outcomes: [] };
const both = { data: { leadStatus: 'Contacted', rating: 'Cold' } };
const one = { data: { leadStatus: 'Contacted' } };

const as = <T>(db: TestDatabase, world: World, fn: (tx: OrgTx) => Promise<T>) =>
	withOrg(db.web, world.orgId, fn);
const drain = async (db: TestDatabase) => {
	while (await drainRecordChanges(db.worker));
};
const recordsIn = async (db: TestDatabase, cadenceId: string) =>
	(await runsOf(db, cadenceId)).map((run) => run.record_id);
const warmUp = (db: TestDatabase, id: string) =>
	db.admin.execute(sql`update records set data = data || '{"rating": "Hot"}' where id = ${id}`);

const manual = (db: TestDatabase, world: World) =>
	makeCadence(db, world, planOf([task('a')], { unenroll: rules }, days(1)));
async function byView(db: TestDatabase, world: World) {
	const viewId = await makeView(db, world, open);
	return makeCadence(db, world, planOf([task('a')], { viewId, unenroll: rules }, days(1)), { viewId });
}

test('ENR-3: by hand, in bulk and in a dry run who matches un-enrollment too is skipped, and comes in later', async ({
	db
}) => {
	const world = await makeWorld(db);
	const { cadenceId } = await manual(db, world);
	const [out, fine] = await makeLeads(db, world, [both, one]);
	const enroll = (ids: string[]) =>
		as(db, world, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
	const skipped = { enrolled: 0, skipped: { matches_unenrollment: 1 } };
	expect(await enroll([out!])).toEqual({ kind: 'done', result: skipped });
	expect(
		await as(db, world, (tx) => previewEnroll(tx, world.actor, { cadenceId, records: { ids: [out!] } }))
	).toMatchObject(skipped);
	expect(await enroll([out!, fine!])).toMatchObject({
		result: { enrolled: 1, skipped: { matches_unenrollment: 1 } }
	});

	const many = await makeLeads(db, world, [both, ...Array.from({ length: 1000 }, () => one)]);
	const outcome = await enroll(many);
	const taskId = outcome.kind === 'background' ? outcome.taskId : '';
	await runBackgroundTask(db.worker, { orgId: world.orgId, taskId });
	const [bulk] = await db.admin.execute(sql`select result from background_tasks where id = ${taskId}`);
	expect(bulk).toEqual({ result: { enrolled: 1000, skipped: { matches_unenrollment: 1 } } });

	// It never was in: not "was enrolled before", but enrolled as soon as only the enrollment side matches.
	await warmUp(db, out!);
	expect(await enroll([out!])).toMatchObject({ result: { enrolled: 1, skipped: {} } });
});

test('ENR-3: by view, by a scan, by a change and by an import who matches un-enrollment too is skipped', async ({
	db
}) => {
	const world = await makeWorld(db);
	const { cadenceId } = await byView(db, world);
	const [out, fine] = await makeLeads(db, world, [both, one]);
	await as(db, world, (tx) => answerExisting(tx, { orgId: world.orgId, cadenceId, includeExisting: true }));
	await scanCadence(db.worker, { orgId: world.orgId, cadenceId });
	expect(await recordsIn(db, cadenceId)).toEqual([fine]);
	await db.admin.execute(sql`update records set name = 'Touched' where id = ${out}`);
	await drain(db);
	expect(await recordsIn(db, cadenceId)).toEqual([fine]);

	const content = new TextEncoder().encode(
		'Last Name,Lead Status,Rating\nIn,Contacted,Hot\nOut,Contacted,Cold'
	);
	const { id: importId, suggested } = await as(db, world, (tx) =>
		createImport(tx, world.actor, { moduleKey: 'leads', fileName: 'a.csv', content })
	);
	await as(db, world, (tx) => startImport(tx, world.actor, { importId, mapping: suggested }));
	await runImport(db.worker, { orgId: world.orgId, importId });
	await drain(db);
	const names = await db.admin.execute<{ name: string }>(sql`
		select r.name from enrollments e join records r on r.id = e.record_id
		where e.cadence_id = ${cadenceId} and r.data ->> 'lastName' in ('In', 'Out')`);
	expect(names.map((row) => row.name)).toEqual(['In']);

	await warmUp(db, out!);
	await drain(db);
	expect(await recordsIn(db, cadenceId)).toContain(out);
});

test('ENR-3, REE-0: a restart too skips who matches un-enrollment, and who is still in', async ({ db }) => {
	const world = await makeWorld(db);
	const { cadenceId } = await manual(db, world);
	const ids = await makeLeads(db, world, [one, one, one]);
	await as(db, world, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
	const runs = await runsOf(db, cadenceId);
	const runOf = (id: string) => runs.find((run) => run.record_id === id)!.id;
	await db.admin.execute(sql`
		update enrollments set status = 'completed', end_reason = 'completed', ended_at = app.now(), due_at = null
		where id in (${runOf(ids[0]!)}, ${runOf(ids[1]!)})`);
	await db.admin.execute(sql`update records set data = data || '{"rating": "Cold"}' where id = ${ids[0]}`);
	const outcome = await as(db, world, (tx) =>
		restartEnrollments(tx, world.actor, { enrollmentIds: runs.map((run) => run.id) })
	);
	expect(outcome).toMatchObject({ restarted: 1, skipped: { matches_unenrollment: 1, still_running: 1 } });
	// REE-0: enrolling never touches who was in before.
	expect(
		await as(db, world, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids: [ids[0]!] } }))
	).toMatchObject({ result: { enrolled: 0, skipped: { enrolled_before: 1 } } });
	await db.admin.execute(sql`update cadences set state = 'inactive' where id = ${cadenceId}`);
	await warmUp(db, ids[0]!);
	const inactive = await as(db, world, (tx) =>
		restartEnrollments(tx, world.actor, { enrollmentIds: [runOf(ids[0]!)] })
	);
	expect(inactive).toMatchObject({ restarted: 0, skipped: { cadence_inactive: 1 } });
});
