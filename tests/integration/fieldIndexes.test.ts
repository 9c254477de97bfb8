import { sql } from 'drizzle-orm';
import type { Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { conditionsOf } from '../../src/lib/server/engine/cadenceConditions.ts';
import { loadCadences } from '../../src/lib/server/engine/cadenceContext.ts';
import { scanCadence } from '../../src/lib/server/engine/scanCadence.ts';
import { tendIndexes } from '../../src/lib/server/views/tendIndexes.ts';
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

const rows = Number(process.env.RECORD_ROWS ?? 20_000);

/** Leads of whom every thousandth matches, made by one statement. */
const fill = (db: TestDatabase, world: World) =>
	db.admin.execute(sql`
		with made as (
			insert into records (org_id, id, module_id, name, owner_id, data)
			select ${world.orgId}::uuid, app.new_id(), ${world.moduleId}::uuid, 'Lead ' || i, ${world.actor.userId}::uuid,
				jsonb_build_object('lastName', 'L' || i, 'city', 'City ' || i % 1000, 'annualRevenue', i, 'leadStatus', 'New')
			from generate_series(1, ${rows}::int) i returning 1)
		select count(*) from made`);

/** What a scan's first page would read, as the worker. */
async function planOfPage(db: TestDatabase, world: World, cadenceId: string): Promise<string> {
	return withOrg(db.worker, world.orgId, async (tx) => {
		const cadence = (await loadCadences(tx, [{ orgId: world.orgId, cadenceId }])).get(cadenceId)!;
		const { inViewWhere } = await conditionsOf(tx, cadence);
		const plan = await tx.execute<{ 'QUERY PLAN': string }>(sql`
			explain select r.id from records r
			where r.org_id = ${world.orgId}::uuid and r.module_id = ${world.moduleId}::uuid and r.deleted_at is null
				and r.id > '00000000-0000-0000-0000-000000000000'::uuid and ${inViewWhere}
			order by r.id limit 5000`);
		return plan.map((row) => row['QUERY PLAN']).join('\n');
	});
}

test(
	'DESIGN 4: a field that an active audience compares gets an index that a scan uses, and loses it afterwards',
	{
		timeout: 120_000
	},
	async ({ db }) => {
		const world = await makeWorld(db);
		await fill(db, world);
		const steps = [task('a')];
		const make = async (criteria: Criteria) => {
			const viewId = await makeView(db, world, criteria);
			return (await makeCadence(db, world, planOf(steps, { viewId }, days(1)), { viewId })).cadenceId;
		};
		const byCity = await make({ all: [{ field: 'city', op: 'is', value: 'city 7' }] });
		const byRevenue = await make({ field: 'annualRevenue', op: 'between', value: [10, 20] });
		await make({ field: 'leadStatus', op: 'isNot', value: 'New' });
		await make({ field: 'city', op: 'contains', value: 'x' });
		const urls = db.urls;

		expect(await tendIndexes(urls, { minRecords: rows + 1 })).toEqual({ made: [], dropped: [] });
		const { made } = await tendIndexes(urls, { minRecords: rows });
		expect(made).toHaveLength(2);
		expect(await tendIndexes(urls, { minRecords: rows })).toEqual({ made: [], dropped: [] });
		for (const cadenceId of [byCity, byRevenue])
			expect(await planOfPage(db, world, cadenceId)).toMatch(/Index.* Scan.* records_field_/);
		expect(await scanCadence(db.worker, { orgId: world.orgId, cadenceId: byCity })).toMatchObject({
			enrolled: Math.floor((rows - 7) / 1000) + 1
		});
		expect(await scanCadence(db.worker, { orgId: world.orgId, cadenceId: byRevenue })).toMatchObject({
			enrolled: 11
		});

		await db.admin.execute(sql`update cadences set state = 'inactive' where id in (${byCity}, ${byRevenue})`);
		const { dropped } = await tendIndexes(urls, { minRecords: rows });
		expect(new Set(dropped)).toEqual(new Set(made));
		expect(await planOfPage(db, world, byCity)).not.toContain('records_field_');
	}
);

test('DESIGN 4, CRM-4: a text as long as its field takes is saved and found beside the index of its field', async ({
	db
}) => {
	const world = await makeWorld(db);
	await fill(db, world);
	// Bytes that hardly shrink: more than an entry of an index holds.
	const long = Array.from({ length: 1000 }, (_, i) =>
		String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))
	).join('');
	const viewId = await makeView(db, world, {
		any: [
			{ field: 'city', op: 'is', value: long },
			{ field: 'city', op: 'in', value: [long, 'nowhere'] },
			{ field: 'description', op: 'is', value: long }
		]
	});
	const { cadenceId } = await makeCadence(db, world, planOf([task('a')], { viewId }), { viewId });
	const [before] = await makeLeads(db, world, [{ data: { city: long } }]);
	const { made } = await tendIndexes(db.urls, { minRecords: rows });
	const [after, other] = await makeLeads(db, world, [
		{ data: { description: long } },
		{ data: { city: `${long.slice(0, -1)}x` } }
	]);
	await db.admin.execute(sql`analyze records`);
	expect(await planOfPage(db, world, cadenceId)).toContain('records_field_');
	expect(await scanCadence(db.worker, { orgId: world.orgId, cadenceId })).toMatchObject({ enrolled: 2 });
	const enrolled = (await runsOf(db, cadenceId)).map((run) => run.record_id);
	expect(enrolled.toSorted()).toEqual([before!, after!].toSorted());
	expect(enrolled).not.toContain(other);
	await db.admin.execute(sql`update cadences set state = 'inactive' where id = ${cadenceId}`);
	expect((await tendIndexes(db.urls, { minRecords: rows })).dropped.toSorted()).toEqual(made.toSorted());
}, 120_000);
