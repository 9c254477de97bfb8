import { sql } from 'drizzle-orm';
import { drainRecordChanges } from '../../src/lib/server/engine/drainRecordChanges.ts';
import { scanCadence } from '../../src/lib/server/engine/scanCadence.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { shiftClock } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import {
	days,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task,
	branch,
	type World
} from '../support/engineWorld.ts';

const open = { field: 'leadStatus', op: 'is' as const, value: 'Contacted' };
const lost = { field: 'rating', op: 'is' as const, value: 'Cold' };
const noRules = { leavesView: false, onDate: null, criteria: null, outcomes: [] };
const steps = [task('a', [branch('a', { response: 'created' }, 'b', days(1))]), task('b')];

const setData = (db: TestDatabase, ids: string[], data: Record<string, string>) =>
	db.admin.execute(
		sql`update records set data = data || ${JSON.stringify(data)}::jsonb where id = any(${sql.param(ids)}::uuid[])`
	);
const scan = (
	db: TestDatabase,
	world: World,
	cadenceId: string,
	more: { includeExisting?: boolean; periodic?: boolean } = {}
) =>
	scanCadence(db.worker, { orgId: world.orgId, cadenceId, includeExisting: true, periodic: false, ...more });
const drain = async (db: TestDatabase) => {
	while (await drainRecordChanges(db.worker));
};

describe('a cadence with a custom view', () => {
	test('ENR-2, ENR-4: a scan enrolls who matches, once; ENR-3: not who matches un-enrollment too', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const plan = planOf(steps, { viewId, unenroll: { ...noRules, criteria: lost } });
		const { cadenceId } = await makeCadence(db, world, plan, { viewId });
		const ids = await makeLeads(db, world, [
			{ data: { leadStatus: 'Contacted' } },
			{ data: { leadStatus: 'Contacted', rating: 'Cold' } },
			{ data: { leadStatus: 'New' } },
			{ data: { leadStatus: 'Contacted' }, deletedAt: new Date() }
		]);
		expect(await scan(db, world, cadenceId)).toEqual({ enrolled: 1, unenrolled: 0 });
		expect(await scan(db, world, cadenceId)).toEqual({ enrolled: 0, unenrolled: 0 });
		expect((await runsOf(db, cadenceId)).map((run) => run.record_id)).toEqual([ids[0]]);
		// ENR-3: it never was in, so it comes in when only the enrollment side still matches.
		await setData(db, [ids[1]!], { rating: 'Hot' });
		await drain(db);
		expect(await runsOf(db, cadenceId)).toHaveLength(2);
	});

	test('ENR-2, ENR-4: a change that makes a record match enrolls it; UNE-1 (a): leaving the view un-enrolls', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const plan = planOf(steps, { viewId, unenroll: { ...noRules, leavesView: true } });
		const { cadenceId } = await makeCadence(db, world, plan, { viewId });
		const ids = await makeLeads(db, world, [
			{ data: { leadStatus: 'New' } },
			{ data: { leadStatus: 'New' } }
		]);
		await setData(db, [ids[0]!], { leadStatus: 'Contacted' });
		await drain(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ record_id: ids[0], status: 'active' }]);
		await setData(db, [ids[0]!], { leadStatus: 'New' });
		await drain(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'stopped', end_reason: 'left_view' }]);
		// ENR-4: who left is not enrolled again by itself.
		await setData(db, [ids[0]!], { leadStatus: 'Contacted' });
		await drain(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'stopped' }]);
	});

	test('UNE-2: without (a) an enrolled record goes on although it left the view', async ({ db }) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const { cadenceId } = await makeCadence(db, world, planOf(steps, { viewId }), { viewId });
		const ids = await makeLeads(db, world, [{ data: { leadStatus: 'Contacted' } }]);
		await scan(db, world, cadenceId);
		await setData(db, ids, { leadStatus: 'New' });
		await drain(db);
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'active', current_action_id: 'a' }]);
	});

	test('VER-5: only later records: who was in the view comes in after leaving it once', async ({ db }) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const { cadenceId } = await makeCadence(db, world, planOf(steps, { viewId }), { viewId });
		const ids = await makeLeads(db, world, [
			{ data: { leadStatus: 'Contacted' } },
			{ data: { leadStatus: 'New' } }
		]);
		// Before VER-5 is answered the sweep's scan enrolls nobody.
		expect(await scan(db, world, cadenceId, { periodic: true })).toMatchObject({ enrolled: 0 });
		await scan(db, world, cadenceId, { includeExisting: false });
		await setData(db, ids, { company: 'Edited' });
		await drain(db);
		expect(await scan(db, world, cadenceId, { periodic: true })).toMatchObject({ enrolled: 0 });
		await setData(db, ids, { leadStatus: 'Contacted' });
		await drain(db);
		expect((await runsOf(db, cadenceId)).map((run) => run.record_id)).toEqual([ids[1]]);
		await setData(db, [ids[0]!], { leadStatus: 'New' });
		await drain(db);
		await setData(db, [ids[0]!], { leadStatus: 'Contacted' });
		await drain(db);
		expect(await runsOf(db, cadenceId)).toHaveLength(2);
	});

	test('UNE-7, UNE-6: deleted and converted records leave, also from paused runs and inactive cadences', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const { cadenceId } = await makeCadence(db, world, planOf(steps, { viewId }), { viewId });
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 3 }, () => ({ data: { leadStatus: 'Contacted' } }))
		);
		await scan(db, world, cadenceId);
		await db.admin.execute(sql`update cadences set state = 'inactive' where id = ${cadenceId}`);
		await db.admin.execute(sql`
			update enrollments set status = 'paused', pause_causes = '["person"]' where record_id = ${ids[1]}`);
		await db.admin.execute(sql`update records set deleted_at = now() where id = ${ids[0]}`);
		await db.admin.execute(sql`update records set converted_at = now() where id = ${ids[1]}`);
		await drain(db);
		const reasons = new Map((await runsOf(db, cadenceId)).map((run) => [run.record_id, run.end_reason]));
		expect(ids.map((id) => reasons.get(id))).toEqual(['record_deleted', 'converted', null]);
	});

	test('UNE-1 (b): on its date everybody leaves and nobody comes in; the sweep sees to it', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
		const plan = planOf(steps, { viewId, unenroll: { ...noRules, onDate: tomorrow } });
		const { cadenceId } = await makeCadence(db, world, plan, { viewId });
		const ids = await makeLeads(db, world, [
			{ data: { leadStatus: 'Contacted' } },
			{ data: { leadStatus: 'New' } }
		]);
		await scan(db, world, cadenceId);
		const queued = () =>
			db.worker.execute(sql`
				select 1 from graphile_worker.jobs where task_identifier = 'scanCadence' and key = ${`rescan:${cadenceId}`}`);
		await sweepEngine(db.worker);
		expect(await queued()).toHaveLength(0);
		await shiftClock(db, '24 hours');
		await sweepEngine(db.worker);
		expect(await queued()).toHaveLength(1);
		await scan(db, world, cadenceId, { periodic: true });
		await setData(db, [ids[1]!], { leadStatus: 'Contacted' });
		await drain(db);
		await shiftClock(db, '0');
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ record_id: ids[0], status: 'stopped', end_reason: 'date' }
		]);
	});

	test('E9, ENR-5: four enrollers at once make one live run per record', async ({ db }) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const { cadenceId } = await makeCadence(db, world, planOf(steps, { viewId }), { viewId });
		await makeLeads(
			db,
			world,
			Array.from({ length: 1500 }, () => ({ data: { leadStatus: 'Contacted' } }))
		);
		await db.admin.execute(sql`
			insert into record_changes (org_id, module_id, record_id)
			select org_id, module_id, id from records where org_id = ${world.orgId}`);
		await Promise.all([scan(db, world, cadenceId), scan(db, world, cadenceId), drain(db), drain(db)]);
		const [count] = await db.admin.execute(sql`
			select count(*)::int as runs, count(distinct record_id)::int as records,
				(select count(*)::int from events where cadence_id = ${cadenceId} and kind = 'enrolled') as events
			from enrollments where cadence_id = ${cadenceId}`);
		expect(count).toEqual({ runs: 1500, records: 1500, events: 1500 });
	});
});
