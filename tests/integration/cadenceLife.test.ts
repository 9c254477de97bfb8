import { sql } from 'drizzle-orm';
import { activateCadence } from '../../src/lib/server/cadences/activateCadence.ts';
import { createCadence } from '../../src/lib/server/cadences/createCadence.ts';
import { deactivateCadence } from '../../src/lib/server/cadences/deactivateCadence.ts';
import { deleteCadence } from '../../src/lib/server/cadences/deleteCadence.ts';
import { getCadence } from '../../src/lib/server/cadences/getCadence.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { replaceDocument } from '../../src/lib/server/collab/replaceDocument.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { scanCadence } from '../../src/lib/server/engine/scanCadence.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { makeCadence, oneTask } from '../support/cadences.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { days, makeCadence as makePublished, makeWorld, planOf, task } from '../support/engineWorld.ts';

test('CAD-2: one module per cadence, a module has many, and a record is in several of them at once', async ({
	db
}) => {
	const actor = await makeOrg(db);
	await withOrg(db.web, actor.orgId, async (tx) => {
		const lead = await createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'Ada' } });
		const contact = await createRecord(tx, actor, { moduleKey: 'contacts', values: { lastName: 'Ada' } });
		const ids = [];
		for (const name of ['One', 'Two']) {
			const id = await makeCadence(tx, actor, name);
			await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null });
			ids.push(id);
			const outcome = await enrollRecords(tx, actor, { cadenceId: id, records: { ids: [lead, contact] } });
			expect(outcome).toEqual({
				kind: 'done',
				result: { enrolled: 1, skipped: { wrong_module: 1 } }
			});
		}
		const live = await tx.execute<{ cadence_id: string }>(sql`
			select cadence_id from enrollments where record_id = ${lead} and status in ('active', 'paused')`);
		expect(new Set(live.map((row) => row.cadence_id))).toEqual(new Set(ids));
		const other = await createCadence(tx, actor, {
			name: 'Deals',
			moduleKey: 'deals',
			enrollment: { kind: 'manual' }
		});
		expect(await getCadence(tx, actor, other.id)).toMatchObject({ module: { key: 'deals' } });
	});
});

test('CAD-3: draft, active, inactive; an active and an inactive cadence carry a draft beside their version', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, actor.orgId, fn);
	const id = await run((tx) => makeCadence(tx, actor, 'A'));
	const state = () => run((tx) => getCadence(tx, actor, id));
	expect(await state()).toMatchObject({ state: 'draft', version: null, draftPending: true });
	await expect(run((tx) => activateCadence(tx, actor, { cadenceId: id }))).rejects.toMatchObject({
		code: 'invalid'
	});
	await run((tx) => publishCadence(tx, actor, { cadenceId: id, expectedVersion: null }));
	expect(await state()).toMatchObject({ state: 'active', version: { n: 1 }, draftPending: false });
	await run((tx) => replaceDocument(tx, actor.orgId, id, oneTask('Other'), actor.userId));
	expect(await state()).toMatchObject({ state: 'active', version: { n: 1 }, draftPending: true });
	await run((tx) => deactivateCadence(tx, actor, { cadenceId: id }));
	expect(await state()).toMatchObject({ state: 'inactive', version: { n: 1 }, draftPending: true });
	await run((tx) => publishCadence(tx, actor, { cadenceId: id, expectedVersion: 1 }));
	expect(await state()).toMatchObject({ state: 'inactive', version: { n: 2 }, draftPending: false });
});

test('CAD-6: deleting ends thousands of paused runs, the first at once and the rest in chunks, in the name of who did it', async ({
	db
}) => {
	const world = await makeWorld(db);
	const { orgId, actor } = world;
	const { cadenceId } = await makePublished(db, world, planOf([task('a')], {}, days(1)), {
		state: 'inactive'
	});
	await db.admin.execute(sql`
		with made as (
			insert into records (org_id, id, module_id, name, owner_id, data)
			select ${orgId}::uuid, app.new_id(), ${world.moduleId}::uuid, 'L', ${actor.userId}::uuid, '{}'
			from generate_series(1, 5400) returning org_id, id)
		insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, status, pause_causes)
		select m.org_id, app.new_id(), c.id, m.id, c.active_version_id, 'bulk', 'paused', '["cadence_inactive"]'
		from made m, cadences c where c.id = ${cadenceId}::uuid`);
	const deleted = await withOrg(db.web, orgId, (tx) => deleteCadence(tx, actor, { cadenceId }));
	expect(deleted).toEqual({ unenrolled: 5_400 });
	const jobs = await db.worker.execute<{
		payload: { orgId: string; cadenceId: string; actorId: string };
	}>(sql`
		select j.payload from graphile_worker._private_jobs j where j.key = ${`scan:${cadenceId}`}`);
	expect(await scanCadence(db.worker, jobs[0]!.payload)).toEqual({ enrolled: 0, unenrolled: 400 });
	const [left] = await db.admin.execute(sql`
		select count(*)::int as runs, count(*) filter (where status = 'stopped' and end_reason = 'cadence_deleted'
			and ended_by = ${actor.userId})::int as ended,
			(select count(*)::int from events where cadence_id = ${cadenceId} and kind = 'unenrolled'
				and actor_id = ${actor.userId}) as logged
		from enrollments where cadence_id = ${cadenceId}`);
	expect(left).toEqual({ runs: 5_400, ended: 5_400, logged: 5_400 });
});
