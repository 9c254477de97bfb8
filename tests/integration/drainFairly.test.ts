import { sql } from 'drizzle-orm';
import type { Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import { drainRecordChanges, newTurn } from '../../src/lib/server/engine/drainRecordChanges.ts';
import { isRowFault } from '../../src/lib/server/engine/poison.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import {
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	runsOf,
	task,
	type World
} from '../support/engineWorld.ts';

const open: Criteria = { field: 'leadStatus', op: 'is', value: 'Contacted' };

async function makeViewCadence(db: TestDatabase, world: World, plan = planOf([task('a')])) {
	const viewId = await makeView(db, world, open);
	return makeCadence(db, world, plan, { viewId });
}
const contact = (db: TestDatabase, ids: readonly string[]) =>
	db.admin.execute(sql`
		update records set data = data || '{"leadStatus": "Contacted"}' where id = any(${sql.param([...ids])}::uuid[])`);
const drain = async (
	db: TestDatabase,
	...more: Parameters<typeof drainRecordChanges> extends [unknown, ...infer M] ? M : never
) => {
	while (await drainRecordChanges(db.worker, ...more));
};

test('ENR-2, RELIABILITY 2.6: a cadence that nobody can be enrolled into keeps no other from enrolling; it is left to a scan', async ({
	db
}) => {
	const [one, two] = [await makeWorld(db), await makeWorld(db)];
	// An instant that no calendar has: found out only when its time is written down.
	const broken = await makeViewCadence(db, one, planOf([task('a')], {}, { amount: 9e12, unit: 'hours' }));
	const [beside, elsewhere] = [await makeViewCadence(db, one), await makeViewCadence(db, two)];
	await contact(db, [...(await makeLeads(db, one, [{}, {}])), ...(await makeLeads(db, two, [{}]))]);
	const reported: unknown[] = [];
	await drain(db, undefined, undefined, (error) => reported.push(error));
	expect(await runsOf(db, beside.cadenceId)).toHaveLength(2);
	expect(await runsOf(db, elsewhere.cadenceId)).toHaveLength(1);
	expect(await runsOf(db, broken.cadenceId)).toHaveLength(0);
	expect(reported).toHaveLength(1);
	const jobs = await db.admin.execute(sql`
		select key from graphile_worker.jobs where key = ${`rescan:${broken.cadenceId}`}`);
	expect(jobs).toHaveLength(1);
});

test('RELIABILITY 2.6: criteria with more values than one statement can carry are worth halving', async ({
	db
}) => {
	const values = Array.from({ length: 65_535 }, (_, i) => sql`${i}::int`);
	const refused = await db.worker
		.execute(sql`select ${sql.join(values, sql` + `)}`)
		.catch((error: unknown) => error);
	expect(isRowFault(refused)).toBe(true);
});

test('ENR-2: while one cadence is being published or released, records of others come in; its own come afterwards', async ({
	db
}) => {
	const [one, two] = [await makeWorld(db), await makeWorld(db)];
	const [closed, fine] = [await makeViewCadence(db, one), await makeViewCadence(db, two)];
	// More of them than one set holds stand in front.
	await contact(
		db,
		await makeLeads(
			db,
			one,
			Array.from({ length: 5 }, () => ({}))
		)
	);
	await contact(db, await makeLeads(db, two, [{}]));
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${closed.cadenceId}::uuid))`);
		await drain(db, 3);
		expect(await runsOf(db, fine.cadenceId)).toHaveLength(1);
	});
	expect(await runsOf(db, closed.cadenceId)).toHaveLength(0);
	await drain(db, 3);
	expect(await runsOf(db, closed.cadenceId)).toHaveLength(5);
});

test('ENR-2: a module whose records are changed in bulk takes turns with the others', async ({ db }) => {
	const [great, small] = [await makeWorld(db), await makeWorld(db)];
	const [bulk, little] = [await makeViewCadence(db, great), await makeViewCadence(db, small)];
	await contact(
		db,
		await makeLeads(
			db,
			great,
			Array.from({ length: 30 }, () => ({}))
		)
	);
	await contact(db, await makeLeads(db, small, [{}]));
	const turn = newTurn();
	for (let i = 0; i < 2; i++) await drainRecordChanges(db.worker, 5, turn);
	expect(await runsOf(db, little.cadenceId)).toHaveLength(1);
	expect(await runsOf(db, bulk.cadenceId)).toHaveLength(5);
	await drain(db, 5, turn);
	expect(await runsOf(db, bulk.cadenceId)).toHaveLength(30);
});
