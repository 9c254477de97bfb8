import { sql } from 'drizzle-orm';
import { getFunnel } from '../../src/lib/server/reports/getFunnel.ts';
import { funnelCsv } from '../../src/lib/server/reports/funnelCsv.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { shiftClock } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	days,
	exit,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	start,
	task
} from '../support/engineWorld.ts';
import { condition, updateField } from '../support/extraActions.ts';

const is = (field: string, value: string) => ({ field, op: 'is' as const, value });

/** By record: where its run stands. */
async function standing(db: TestDatabase, cadenceId: string, ids: readonly string[]): Promise<unknown[]> {
	const runs = new Map((await runsOf(db, cadenceId)).map((run) => [run.record_id, run]));
	return ids.map((id) => {
		const run = runs.get(id)!;
		return [run.status, run.current_action_id, run.end_reason];
	});
}

/** By record: what was decided, in order. */
async function decided(db: TestDatabase, cadenceId: string, ids: readonly string[]): Promise<string[]> {
	const rows = await db.admin.execute<{ record_id: string; way: string }>(sql`
		select record_id, string_agg(action_id || '=' || detail, ' ' order by id) as way from events
		where cadence_id = ${cadenceId} and kind = 'decided' group by 1`);
	const ways = new Map(rows.map((row) => [row.record_id, row.way]));
	return ids.map((id) => ways.get(id) ?? '');
}

test('GRA-10: cases are tried in order on the record as it is, else otherwise; the way is logged', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = planOf([
		condition(
			'first',
			[
				['hot', is('rating', 'Hot'), 'call'],
				['new', is('leadStatus', 'New'), 'second'],
				['gone', is('leadStatus', 'Lost'), 'bye'],
				['end', is('leadStatus', 'Qualified'), null]
			],
			'rest'
		),
		condition('second', [['big', is('company', 'Initech'), 'call']], 'rest'),
		task('call'),
		task('rest'),
		exit('bye', false, 'Lost')
	]);
	const ids = await makeLeads(db, world, [
		{ data: { rating: 'Hot', leadStatus: 'New' } },
		{ data: { leadStatus: 'New', company: 'Initech' } },
		{ data: { leadStatus: 'New' } },
		{ data: { leadStatus: 'Lost' } },
		{ data: { leadStatus: 'Qualified' } },
		{ data: { leadStatus: 'Contacted' } }
	]);
	const cadenceId = await start(db, world, plan, ids);
	expect(await standing(db, cadenceId, ids)).toEqual([
		['completed', 'call', 'completed'],
		['completed', 'call', 'completed'],
		['completed', 'rest', 'completed'],
		['stopped', null, 'exit'],
		['completed', null, 'completed'],
		['completed', 'rest', 'completed']
	]);
	expect(await decided(db, cadenceId, ids)).toEqual([
		'first=hot',
		'first=new second=big',
		'first=new second=else',
		'first=gone',
		'first=end',
		'first=else'
	]);
	const activities = await db.admin.execute<{ n: number }>(
		sql`select count(*)::int as n from activities where org_id = ${world.orgId}`
	);
	expect(activities[0]!.n).toBe(4);
});

test('GRA-10: evaluated when the branch is due, not before, and after un-enrollment', async ({ db }) => {
	const world = await makeWorld(db);
	const plan = planOf(
		[
			task('a', [branch('a', { response: 'created' }, 'c', days(1))]),
			condition('c', [['won', is('leadStatus', 'Qualified'), 'yes']], 'no'),
			{ ...task('yes'), followUp: 2 },
			{ ...task('no'), followUp: 2 }
		],
		{ unenroll: { leavesView: false, onDate: null, criteria: is('leadStatus', 'Lost'), outcomes: [] } }
	);
	const ids = await makeLeads(db, world, [{}, {}, {}]);
	const cadenceId = await start(db, world, plan, ids);
	const waiting = await db.admin.execute<{ next_action_id: string }>(
		sql`select distinct next_action_id from enrollments where cadence_id = ${cadenceId}`
	);
	expect([...waiting]).toEqual([{ next_action_id: 'c' }]);
	const set = (id: string, status: string) =>
		db.admin.execute(sql`
			update records set data = data || jsonb_build_object('leadStatus', ${status}::text) where id = ${id}::uuid`);
	await set(ids[1]!, 'Qualified');
	await set(ids[2]!, 'Lost');
	await shiftClock(db, '1 day 1 minute');
	await runEngine(db);
	expect(await standing(db, cadenceId, ids)).toEqual([
		['completed', 'no', 'completed'],
		['completed', 'yes', 'completed'],
		['stopped', 'a', 'criteria']
	]);
	expect(await decided(db, cadenceId, ids)).toEqual(['c=else', 'c=won', '']);
	await shiftClock(db, '0');
});

test('GRA-10: a condition sees what an action before it wrote; two ways may join behind it', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = planOf([
		condition('skip', [['yes', is('leadStatus', 'Contacted'), 'check']], 'set'),
		updateField('set', { field: 'leadStatus', value: 'Contacted' }, [
			branch('set', { response: 'done' }, 'check')
		]),
		condition('check', [['ok', is('leadStatus', 'Contacted'), 't']], null),
		{ ...task('t'), followUp: 2 }
	]);
	const ids = await makeLeads(db, world, [{}, { data: { leadStatus: 'Contacted' } }]);
	const cadenceId = await start(db, world, plan, ids);
	expect(await standing(db, cadenceId, ids)).toEqual([
		['completed', 't', 'completed'],
		['completed', 't', 'completed']
	]);
	expect(await decided(db, cadenceId, ids)).toEqual(['skip=else check=ok', 'skip=yes check=ok']);
});

test('GRA-10: a criterion whose field is gone fails its run with the remedy, and no other', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = (field: string) => planOf([condition('c', [['x', is(field, 'x'), 't']], 't'), task('t')]);
	const ids = await makeLeads(db, world, [{}]);
	const { cadenceId: broken } = await makeCadence(db, world, plan('wasDeleted'));
	const { cadenceId: fine } = await makeCadence(db, world, plan('company'));
	for (const cadenceId of [broken, fine])
		await withOrg(db.web, world.orgId, (tx) =>
			enrollRecords(tx, world.actor, { cadenceId, records: { ids } })
		);
	await runEngine(db);
	const [run] = await runsOf(db, broken);
	expect(run).toMatchObject({ status: 'failed', end_reason: 'field_gone', quarantine_reason: null });
	expect(run!.end_detail).toMatch(/wasDeleted.*restart/);
	expect(await standing(db, fine, ids)).toEqual([['completed', 't', 'completed']]);
});

test('GRA-10: organizations in one pass are judged by their own records and fields', async ({ db }) => {
	const worlds = [await makeWorld(db), await makeWorld(db)];
	const done: [string, string[]][] = [];
	for (const [i, world] of worlds.entries()) {
		const plan = planOf([
			condition('c', [['mine', is('company', `Org ${i}`), 'yes']], 'no'),
			task('yes'),
			task('no')
		]);
		const ids = await makeLeads(db, world, [{ data: { company: 'Org 0' } }, { data: { company: 'Org 1' } }]);
		const { cadenceId } = await makeCadence(db, world, plan);
		await withOrg(db.web, world.orgId, (tx) =>
			enrollRecords(tx, world.actor, { cadenceId, records: { ids } })
		);
		done.push([cadenceId, ids]);
	}
	await runEngine(db);
	const ways = await Promise.all(done.map(([cadenceId, ids]) => decided(db, cadenceId, ids)));
	expect(ways).toEqual([
		['c=mine', 'c=else'],
		['c=else', 'c=mine']
	]);
});

test('REP-3, GRA-10: the report counts decisions and actions that reach nobody as the log has them', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = planOf([
		condition('which', [['hot', is('rating', 'Hot'), 'set']], 'call'),
		updateField('set', { field: 'leadStatus', value: 'Contacted' }),
		task('call')
	]);
	const ids = await makeLeads(db, world, [
		{ data: { rating: 'Hot' } },
		{ data: { rating: 'Hot' } },
		{ data: { rating: 'Cold' } }
	]);
	const cadenceId = await start(db, world, plan, ids);
	const funnel = await withOrg(db.web, world.orgId, (tx) => getFunnel(tx, world.actor, { cadenceId }));
	const log = await db.admin.execute<{ action: string; kind: string; n: number }>(sql`
		select action_id as action, kind, count(distinct enrollment_id)::int as n from events
		where cadence_id = ${cadenceId} and kind in ('executed', 'decided') group by 1, 2 order by 1`);
	const counted = funnel.actions.map(({ id, executed, figures }) => [
		id,
		id === 'which' ? figures.decided?.runs : executed
	]);
	expect(counted.sort()).toEqual([...log].map(({ action, n }) => [action, n]).sort());
	expect(funnel.actions.find(({ id }) => id === 'which')?.values).toEqual([
		{ value: 'hot', runs: 2 },
		{ value: 'else', runs: 1 }
	]);
	const csv = funnelCsv(funnel);
	expect(csv).toContain('"Condition","which","Decided","Otherwise","1"');
	expect(csv).toContain('"Update field","set","Executed",,"2"');
});
