import { sql } from 'drizzle-orm';
import { activateCadence } from '../../src/lib/server/cadences/activateCadence.ts';
import { deactivateCadence } from '../../src/lib/server/cadences/deactivateCadence.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { createField } from '../../src/lib/server/modules/createField.ts';
import { answerExisting } from '../../src/lib/server/engine/answerExisting.ts';
import { drainRecordChanges } from '../../src/lib/server/engine/drainRecordChanges.ts';
import { scanCadence } from '../../src/lib/server/engine/scanCadence.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { updateView } from '../../src/lib/server/views/updateView.ts';
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
const scan = (db: TestDatabase, world: World, cadenceId: string) =>
	scanCadence(db.worker, { orgId: world.orgId, cadenceId });
const as = <T>(db: TestDatabase, world: World, fn: (tx: OrgTx) => Promise<T>) =>
	withOrg(db.web, world.orgId, fn);
const drain = async (db: TestDatabase) => {
	while (await drainRecordChanges(db.worker));
};

/** A cadence over a view that looks at it every other day. */
async function everyTwoDays(db: TestDatabase) {
	const world = await makeWorld(db);
	const viewId = await makeView(db, world, open);
	const settings = { viewId, scan: { amount: 2, unit: 'days' as const } };
	const { cadenceId } = await makeCadence(db, world, planOf(steps, settings), { viewId });
	await db.admin.execute(sql`
		update cadences set activated_at = app.now(), published_at = app.now() where id = ${cadenceId}`);
	return { world, viewId, cadenceId };
}

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
		expect(await scan(db, world, cadenceId)).toMatchObject({ enrolled: 0 });
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'stopped' }]);
	});

	test('CRM-6, EXE-1: a cadence whose criteria cannot be read keeps no other from going on; its runs are set aside', async ({
		db
	}) => {
		const world = await makeWorld(db);
		await as(db, world, (tx) =>
			createField(tx, world.actor, { moduleKey: 'leads', label: 'Gone', type: 'text' })
		);
		const made: string[] = [];
		for (const criteria of [{ field: 'gone', op: 'is' as const, value: 'x' }, lost]) {
			const viewId = await makeView(db, world, open);
			const plan = planOf(steps, { viewId, unenroll: { ...noRules, criteria } });
			made.push((await makeCadence(db, world, plan, { viewId })).cadenceId);
		}
		const [broken, fine] = [made[0]!, made[1]!];
		const ids = await makeLeads(db, world, [{ data: { leadStatus: 'Contacted' } }, {}]);
		for (const id of made) await scan(db, world, id);
		// As after a start: what was compiled before is forgotten.
		await db.admin.execute(
			sql`update fields set deleted_at = now() where org_id = ${world.orgId} and key = 'gone'`
		);
		await db.admin.execute(sql`update organizations set time_zone = 'Etc/UTC' where id = ${world.orgId}`);
		await setData(db, ids, { leadStatus: 'Contacted' });
		await drain(db);
		await runEngine(db);
		const standing = { status: 'active', current_action_id: 'a', quarantine_reason: null };
		expect(await runsOf(db, fine)).toMatchObject([standing, standing]);
		expect(await runsOf(db, broken)).toMatchObject([
			{ current_action_id: null, quarantine_reason: expect.stringMatching(/no field "gone"/) }
		]);
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
		const answer = { orgId: world.orgId, cadenceId, includeExisting: false };
		await as(db, world, (tx) => answerExisting(tx, answer));
		expect(await scan(db, world, cadenceId)).toMatchObject({ enrolled: 0 });
		await setData(db, ids, { company: 'Edited' });
		await drain(db);
		expect(await scan(db, world, cadenceId)).toMatchObject({ enrolled: 0 });
		await setData(db, ids, { leadStatus: 'Contacted' });
		await drain(db);
		expect((await runsOf(db, cadenceId)).map((run) => run.record_id)).toEqual([ids[1]]);
		await setData(db, [ids[0]!], { leadStatus: 'New' });
		await drain(db);
		await setData(db, [ids[0]!], { leadStatus: 'Contacted' });
		await drain(db);
		expect(await runsOf(db, cadenceId)).toHaveLength(2);
	});

	test('VER-5: who begins to match while it is published comes in, who was in the view and is edited then does not', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const options = { viewId, state: 'inactive' as const };
		const { cadenceId } = await makeCadence(db, world, planOf(steps, { viewId }), options);
		const [before, meanwhile, later] = await makeLeads(db, world, [
			{ data: { leadStatus: 'Contacted' } },
			{ data: { leadStatus: 'New' } },
			{ data: { leadStatus: 'New' } }
		]);
		await as(db, world, async (tx) => {
			await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${cadenceId}::uuid))`);
			await tx.execute(sql`update cadences set state = 'active' where id = ${cadenceId}::uuid`);
			await answerExisting(tx, { orgId: world.orgId, cadenceId, includeExisting: false });
			// Committed by somebody else between the snapshot and the commit; its change is consumed by a drain that does not
			// see this cadence yet, as at a first publish.
			await setData(db, [meanwhile!], { leadStatus: 'Contacted' });
			await db.admin.execute(sql`delete from record_changes where record_id = ${meanwhile!}`);
		});
		await setData(db, [before!], { company: 'Edited' });
		await setData(db, [later!], { leadStatus: 'Contacted' });
		await drain(db);
		const jobs = await db.worker.execute(
			sql`select 1 from graphile_worker.jobs where key = ${`scan:${cadenceId}`}`
		);
		expect(jobs).toHaveLength(1);
		await scan(db, world, cadenceId);
		const enrolled = (await runsOf(db, cadenceId)).map((run) => run.record_id);
		expect(new Set(enrolled)).toEqual(new Set([meanwhile, later]));
	});

	test('VER-5: who left the view by the passing of time may come in by it later', async ({ db }) => {
		const world = await makeWorld(db);
		const fresh = { field: 'createdAt', op: 'today' as const };
		const viewId = await makeView(db, world, fresh);
		const { cadenceId } = await makeCadence(db, world, planOf(steps, { viewId }), { viewId });
		const [id] = await makeLeads(db, world, [{}]);
		await as(db, world, (tx) =>
			answerExisting(tx, { orgId: world.orgId, cadenceId, includeExisting: false })
		);
		await shiftClock(db, '48 hours');
		await scan(db, world, cadenceId);
		const left = await db.admin.execute(sql`select 1 from view_exclusions where record_id = ${id}`);
		await shiftClock(db, '0');
		expect(left).toHaveLength(0);
	});

	test('VER-5, CRM-5: who was deleted has left the view, and comes in by it when restored', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const { cadenceId } = await makeCadence(db, world, planOf(steps, { viewId }), { viewId });
		const [id] = await makeLeads(db, world, [{ data: { leadStatus: 'Contacted' } }]);
		await as(db, world, (tx) =>
			answerExisting(tx, { orgId: world.orgId, cadenceId, includeExisting: false })
		);
		await drain(db);
		expect(await runsOf(db, cadenceId)).toEqual([]);
		await db.admin.execute(sql`update records set deleted_at = app.now() where id = ${id}`);
		await drain(db);
		await db.admin.execute(sql`update records set deleted_at = null where id = ${id}`);
		await drain(db);
		expect((await runsOf(db, cadenceId)).map((run) => run.record_id)).toEqual([id]);
	});

	test('DEA-2: what began to match while it was inactive stays out unless asked for', async ({ db }) => {
		const world = await makeWorld(db);
		const viewId = await makeView(db, world, open);
		const made = async () => (await makeCadence(db, world, planOf(steps, { viewId }), { viewId })).cadenceId;
		const [no, yes] = [await made(), await made()];
		const [early, meanwhile] = await makeLeads(db, world, [
			{ data: { leadStatus: 'Contacted' } },
			{ data: { leadStatus: 'New' } }
		]);
		for (const cadenceId of [no, yes]) {
			await scan(db, world, cadenceId);
			await as(db, world, (tx) => deactivateCadence(tx, world.actor, { cadenceId }));
		}
		await setData(db, [meanwhile!], { leadStatus: 'Contacted' });
		await drain(db);
		await as(db, world, (tx) => activateCadence(tx, world.actor, { cadenceId: no, halted: 'continue' }));
		await as(db, world, (tx) =>
			activateCadence(tx, world.actor, { cadenceId: yes, halted: 'continue', includeExisting: true })
		);
		await setData(db, [meanwhile!], { company: 'Edited' });
		await drain(db);
		for (const cadenceId of [no, yes]) await scan(db, world, cadenceId);
		const enrolled = async (cadenceId: string) => (await runsOf(db, cadenceId)).map((run) => run.record_id);
		expect(await enrolled(no)).toEqual([early]);
		expect(new Set(await enrolled(yes))).toEqual(new Set([early, meanwhile]));
	});

	test('ENR-2: with an interval records come in at its times only, counted from activation', async ({
		db
	}) => {
		const { world, cadenceId } = await everyTwoDays(db);
		const ids = await makeLeads(db, world, [{ data: { leadStatus: 'Contacted' } }, {}]);
		expect(await scan(db, world, cadenceId)).toMatchObject({ enrolled: 1 });
		await setData(db, [ids[1]!], { leadStatus: 'Contacted' });
		await drain(db);
		// Looked at for another reason, a day early.
		await shiftClock(db, '1 day');
		expect(await scan(db, world, cadenceId)).toMatchObject({ enrolled: 0 });
		await shiftClock(db, '2 days');
		expect(await scan(db, world, cadenceId)).toMatchObject({ enrolled: 1 });
		const [row] = await db.admin.execute<{ hours: number }>(sql`
			select round(extract(epoch from next_scan_at - activated_at) / 3600)::int as hours from cadences where id = ${cadenceId}`);
		await shiftClock(db, '0');
		expect(row!.hours).toBe(96);
	});

	test('ENR-2: a view that is renamed asks for no look outside the times of the interval; other criteria do', async ({
		db
	}) => {
		const { world, viewId, cadenceId } = await everyTwoDays(db);
		const [id] = await makeLeads(db, world, [{}]);
		await scan(db, world, cadenceId);
		await setData(db, [id!], { leadStatus: 'Contacted' });
		await as(db, world, (tx) => updateView(tx, world.actor, { viewId, name: 'Renamed', columns: ['owner'] }));
		expect(await scan(db, world, cadenceId)).toMatchObject({ enrolled: 0 });
		await as(db, world, (tx) => updateView(tx, world.actor, { viewId, criteria: { any: [open, lost] } }));
		expect(await scan(db, world, cadenceId)).toMatchObject({ enrolled: 1 });
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
		await scan(db, world, cadenceId);
		await setData(db, [ids[1]!], { leadStatus: 'Contacted' });
		await drain(db);
		await shiftClock(db, '0');
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ record_id: ids[0], status: 'stopped', end_reason: 'date' }
		]);
	});

	test('ENR-5: four enrollers at once make one live run per record', async ({ db }) => {
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
