import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { advance } from '../../src/lib/server/engine/advance.ts';
import { newLane } from '../../src/lib/server/engine/claimDue.ts';
import { drainRecordChanges } from '../../src/lib/server/engine/drainRecordChanges.ts';
import { getTimeline } from '../../src/lib/server/records/getTimeline.ts';
import { makeUser, rep } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	days,
	enroll,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	start,
	task
} from '../support/engineWorld.ts';
import { changeOwner, enrollInto, tags, updateField } from '../support/extraActions.ts';

type Stored = {
	data: Record<string, unknown>;
	tags: string[];
	owner_id: string;
	name: string;
	search: string;
};
async function recordsOf(db: TestDatabase, ids: readonly string[]): Promise<Stored[]> {
	const rows = await db.admin.execute<Stored & { id: string }>(sql`
		select id, data, to_jsonb(tags) as tags, owner_id, name, search from records
		where id = any(${sql.param([...ids])}::uuid[])`);
	return ids.map((id) => rows.find((row) => row.id === id)!);
}

const eventsOf = (db: TestDatabase, cadenceId: string, kind: string) =>
	db.admin.execute<{ action_id: string; detail: string | null; data: Record<string, unknown> | null }>(sql`
		select action_id, detail, data from events where cadence_id = ${cadenceId} and kind = ${kind} order by id`);

const ends = (runs: Awaited<ReturnType<typeof runsOf>>) =>
	runs.map((run) => [run.status, run.end_reason, run.quarantine_reason]);

describe('update field', () => {
	test('GRA-8: a field is set, cleared and filled with merge fields as by a person, with the cadence as author', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plan = planOf([
			updateField('set', { field: 'leadStatus', value: 'Contacted' }, [
				branch('set', { response: 'done' }, 'text')
			]),
			{
				...updateField('text', { field: 'description', value: 'Wrote to {{lead.lastName}}' }, [
					branch('text', { response: 'done' }, 'name')
				]),
				followUp: 2
			},
			{
				...updateField('name', { field: 'lastName', value: '{{lead.lastName}} the 2nd' }, [
					branch('name', { response: 'done' }, 'clear')
				]),
				followUp: 3
			},
			{ ...updateField('clear', { field: 'company', value: null }), followUp: 4 }
		]);
		const ids = await makeLeads(db, world, [{ data: { company: 'Initech', lastName: 'Lumbergh' } }, {}]);
		const cadenceId = await start(db, world, plan, ids);
		expect(ends(await runsOf(db, cadenceId))).toEqual([
			['completed', 'completed', null],
			['completed', 'completed', null]
		]);
		expect(await recordsOf(db, ids)).toMatchObject([
			{
				data: { leadStatus: 'Contacted', description: 'Wrote to Lumbergh', lastName: 'Lumbergh the 2nd' },
				name: 'Lumbergh the 2nd',
				search: expect.stringContaining('lumbergh the 2nd')
			},
			{ data: { leadStatus: 'Contacted', description: 'Wrote to Lead 1' } }
		]);
		expect((await recordsOf(db, ids))[0]!.data).not.toHaveProperty('company');
		expect(await eventsOf(db, cadenceId, 'done')).toHaveLength(8);
		const { items } = await withOrg(db.web, world.orgId, (tx) =>
			getTimeline(tx, world.actor, { recordId: ids[0]!, sources: ['audit'] })
		);
		expect(
			items.map((item) => [item.kind, item.cadenceId, item.action?.followUp, item.data['after']])
		).toEqual([
			['record.update', cadenceId, 4, { company: null }],
			['record.update', cadenceId, 3, { lastName: 'Lumbergh the 2nd' }],
			['record.update', cadenceId, 2, { description: 'Wrote to Lumbergh' }],
			['record.update', cadenceId, 1, { leadStatus: 'Contacted' }]
		]);
	});

	test('GRA-8: a value that does not fit fails the run with reason and remedy, and changes nothing', async ({
		db
	}) => {
		const world = await makeWorld(db);
		await db.admin.execute(sql`
			update fields set "unique" = true where org_id = ${world.orgId} and module_id = ${world.moduleId} and key = 'company'`);
		const bad: [Parameters<typeof updateField>[1], string, RegExp][] = [
			[{ field: 'leadStatus', value: 'No such status' }, 'value_refused', /Lead status/i],
			[{ field: 'email', value: 'not an address' }, 'value_refused', /email address/],
			[{ field: 'lastName', value: null }, 'value_refused', /required/],
			[{ field: 'company', value: 'Taken' }, 'value_refused', /unique/],
			[{ field: 'owner', value: '019a0000-0000-7000-8000-000000000000' }, 'value_refused', /Owner/],
			[{ field: 'wasDeleted', value: 'x' }, 'field_gone', /does not exist/],
			[{ field: 'createdAt', value: '2020-01-01' }, 'field_gone', /cannot be set/],
			[{ field: null, value: 'x' }, 'field_gone', /Choose another/]
		];
		await makeLeads(db, world, [{ data: { company: 'Taken' } }]);
		for (const [config, reason, words] of bad) {
			const ids = await makeLeads(db, world, [{ data: { company: `Own ${reason} ${config.field}` } }]);
			const before = await recordsOf(db, ids);
			const cadenceId = await start(db, world, planOf([updateField('set', config)]), ids);
			const [run] = await runsOf(db, cadenceId);
			expect([run!.status, run!.end_reason], String(config.field)).toEqual(['failed', reason]);
			expect(run!.end_detail).toMatch(words);
			expect(run!.end_detail).toMatch(/restart/);
			expect(await recordsOf(db, ids)).toEqual(before);
		}
	});

	test('GRA-8: an update may un-enroll its own run, and other views and criteria react to it', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const contacted = { field: 'leadStatus', op: 'is' as const, value: 'Contacted' };
		const viewId = await makeView(db, world, contacted);
		const { cadenceId: byView } = await makeCadence(db, world, planOf([task('t')]), { viewId });
		const plan = planOf(
			[
				updateField('set', { field: 'leadStatus', value: 'Contacted' }, [
					branch('set', { response: 'done' }, 'later', days(1))
				]),
				{ ...task('later'), followUp: 2 }
			],
			{ unenroll: { leavesView: false, onDate: null, criteria: contacted, outcomes: [] } }
		);
		const ids = await makeLeads(db, world, [{}]);
		const cadenceId = await start(db, world, plan, ids);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'active', current_action_id: 'set' }]);
		while (await drainRecordChanges(db.worker));
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'stopped', end_reason: 'criteria' }]);
		expect(await runsOf(db, byView)).toMatchObject([{ record_id: ids[0], status: 'active' }]);
	});
});

describe('tags and owner', () => {
	test('GRA-8: tags are added and removed without regard to case, once', async ({ db }) => {
		const world = await makeWorld(db);
		const ids = await makeLeads(db, world, [{ tags: ['Old', 'keep'] }, { tags: ['hot'] }]);
		const cadenceId = await start(
			db,
			world,
			planOf([tags('t', { add: ['Hot', 'new'], remove: ['OLD'] })]),
			ids
		);
		expect(ends(await runsOf(db, cadenceId)).map(([status]) => status)).toEqual(['completed', 'completed']);
		expect((await recordsOf(db, ids)).map((row) => row.tags)).toEqual([
			['keep', 'Hot', 'new'],
			['hot', 'new']
		]);
	});

	test('GRA-8: two runs that change one record both do, one after the other; so do two cadences', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const ids = await makeLeads(db, world, [{}, {}]);
		const cadences: string[] = [];
		for (const name of ['one', 'two', 'three']) {
			const { cadenceId } = await makeCadence(
				db,
				world,
				planOf([
					tags('t', { add: [name], remove: [] }, [branch('t', { response: 'done' }, 'u')]),
					{
						...updateField('u', { field: 'description', value: `{{lead.description}}${name} ` }),
						followUp: 2
					}
				])
			);
			cadences.push(cadenceId);
			await enroll(db, world, cadenceId, ids);
		}
		await runEngine(db);
		for (const cadenceId of cadences)
			expect(ends(await runsOf(db, cadenceId)).map(([status]) => status)).toEqual(['completed', 'completed']);
		for (const row of await recordsOf(db, ids)) {
			expect([...row.tags].sort()).toEqual(['one', 'three', 'two']);
			// Each saw what the one before had written: no text is lost.
			for (const name of ['one', 'two', 'three']) expect(row.data['description']).toContain(name);
		}
	});

	test('GRA-8: an owner is a user, in turn or the fallback; nobody active fails the run', async ({ db }) => {
		const world = await makeWorld(db);
		const users: string[] = [];
		for (const name of ['Ann', 'Ben', 'Cid']) users.push((await makeUser(db, world.orgId, rep, name)).userId);
		const [ann = '', ben = '', cid = ''] = users;
		await db.admin.execute(sql`update users set active = false where id = ${ben}::uuid`);
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 5 }, () => ({}))
		);
		const turns = planOf([changeOwner('o', { owner: { kind: 'roundRobin', userIds: users } })]);
		const { cadenceId } = await makeCadence(db, world, turns);
		await enroll(db, world, cadenceId, ids.slice(0, 3));
		await runEngine(db);
		await enroll(db, world, cadenceId, ids.slice(3));
		await runEngine(db);
		const owners = (await recordsOf(db, ids)).map((row) => row.owner_id);
		expect(owners.filter((id) => id === ann)).toHaveLength(3);
		expect(owners.filter((id) => id === cid)).toHaveLength(2);
		const failing = await start(
			db,
			world,
			planOf([changeOwner('o', { owner: { kind: 'user', userId: ben } })]),
			ids.slice(0, 1)
		);
		expect(ends(await runsOf(db, failing))).toEqual([['failed', 'owner_inactive', null]]);
		await start(
			db,
			world,
			planOf([changeOwner('o', { owner: { kind: 'user', userId: ben, fallbackUserId: cid } })]),
			ids.slice(0, 1)
		);
		expect((await recordsOf(db, ids))[0]!.owner_id).toBe(cid);
	});

	test('GRA-8: tasks go to the users of a list in turn, the same number to each, over passes and lanes', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const users: string[] = [];
		for (const name of ['Ann', 'Ben', 'Cid']) users.push((await makeUser(db, world.orgId, rep, name)).userId);
		const plan = planOf([task('t', [], { owner: { kind: 'roundRobin', userIds: users } })]);
		const { cadenceId } = await makeCadence(db, world, plan);
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 60 }, () => ({}))
		);
		await enroll(db, world, cadenceId, ids);
		const lanes = [newLane(7), newLane(7)];
		for (let turn = 0; turn < 10; turn++) await Promise.all(lanes.map((lane) => advance(db.worker, lane)));
		await runEngine(db);
		const rows = await db.admin.execute<{ owner_id: string; n: number }>(sql`
			select owner_id, count(*)::int as n from activities where org_id = ${world.orgId} group by 1 order by 1`);
		expect(rows.map((row) => row.n)).toEqual([20, 20, 20]);
	});
});

describe('enroll into another cadence', () => {
	test('GRA-8, ENR-3, ENR-4, ENR-5, ENR-6: who may come in does, and the event says what became of each', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const customer = { field: 'leadStatus', op: 'is' as const, value: 'Contacted' };
		const { cadenceId: other } = await makeCadence(
			db,
			world,
			planOf([task('welcome')], {
				unenroll: { leavesView: false, onDate: null, criteria: customer, outcomes: [] }
			})
		);
		const ids = await makeLeads(db, world, [{}, {}, { data: { leadStatus: 'Contacted' } }]);
		await enroll(db, world, other, [ids[1]!]);
		const cadenceId = await start(db, world, planOf([enrollInto('e', { cadenceId: other })]), ids);
		expect(ends(await runsOf(db, cadenceId)).map(([status]) => status)).toEqual([
			'completed',
			'completed',
			'completed'
		]);
		const outcomes = (await eventsOf(db, cadenceId, 'done')).map((row) => row.data?.['outcome']);
		expect([...outcomes].sort()).toEqual(['already_enrolled', 'enrolled', 'matches_unenrollment']);
		const entered = await db.admin.execute<{ record_id: string; source: string }>(sql`
			select record_id, source from enrollments where cadence_id = ${other} and source = 'cadence'`);
		expect([...entered]).toEqual([{ record_id: ids[0], source: 'cadence' }]);
		expect((await eventsOf(db, other, 'enrolled')).map((row) => row.detail).sort()).toEqual([
			'cadence',
			'manual'
		]);
	});

	test('GRA-8: an inactive, view-driven or foreign cadence takes nobody, and the run goes on', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const foreign = await makeWorld(db);
		const viewId = await makeView(db, world, { all: [] });
		const { cadenceId: inactive } = await makeCadence(db, world, planOf([task('t')]), { state: 'inactive' });
		const { cadenceId: byView } = await makeCadence(db, world, planOf([task('t')]), { viewId });
		const { cadenceId: abroad } = await makeCadence(db, foreign, planOf([task('t')]));
		for (const target of [inactive, byView, abroad]) {
			const ids = await makeLeads(db, world, [{}]);
			const cadenceId = await start(db, world, planOf([enrollInto('e', { cadenceId: target })]), ids);
			expect(await eventsOf(db, cadenceId, 'done')).toMatchObject([
				{ data: { outcome: 'cadence_inactive' } }
			]);
			const runs = await runsOf(db, target);
			expect(runs.filter((run) => run.record_id === ids[0])).toEqual([]);
		}
	});

	test('GRA-8: a cadence that is being published holds up nobody; its record comes in afterwards', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId: other } = await makeCadence(db, world, planOf([task('welcome')]));
		const { cadenceId } = await makeCadence(
			db,
			world,
			planOf([enrollInto('e', { cadenceId: other }), { ...task('t') }])
		);
		const ids = await makeLeads(db, world, [{}]);
		await enroll(db, world, cadenceId, ids);
		await db.owner.transaction(async (publish) => {
			await publish.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${other}::uuid))`);
			await runEngine(db);
			expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'active', current_action_id: null }]);
		});
		await new Promise((done) => setTimeout(done, 1100));
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'completed' }]);
		expect(await runsOf(db, other)).toMatchObject([{ record_id: ids[0] }]);
	});

	test('RELIABILITY 2.4: a record that somebody holds is not waited for; its run comes later', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const ids = await makeLeads(db, world, [{}, {}]);
		const { cadenceId } = await makeCadence(db, world, planOf([tags('t', { add: ['x'], remove: [] })]));
		await enroll(db, world, cadenceId, ids);
		await db.owner.transaction(async (editor) => {
			await editor.execute(sql`select set_config('app.org', ${world.orgId}, true)`);
			await editor.execute(sql`select 1 from records where id = ${ids[0]}::uuid for update`);
			await runEngine(db);
			const done = (await runsOf(db, cadenceId)).filter((run) => run.status === 'completed');
			expect(done.map((run) => run.record_id)).toEqual([ids[1]]);
		});
		await new Promise((done) => setTimeout(done, 350));
		await runEngine(db);
		expect((await recordsOf(db, ids)).map((row) => row.tags)).toEqual([['x'], ['x']]);
	});
});
