import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { advance } from '../../src/lib/server/engine/advance.ts';
import { newLane } from '../../src/lib/server/engine/claimDue.ts';
import { endRuns } from '../../src/lib/server/enrollments/endRuns.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { makeUser, rep } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	call,
	days,
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task,
	type World
} from '../support/engineWorld.ts';

const enroll = async (db: TestDatabase, world: World, cadenceId: string, ids: string[]) => {
	for (let at = 0; at < ids.length; at += 1000)
		await withOrg(db.web, world.orgId, (tx) =>
			enrollRecords(tx, world.actor, { cadenceId, records: { ids: ids.slice(at, at + 1000) } })
		);
};

describe('un-enrolling', () => {
	test('UNE-4: cancels open activities and queued messages as the system; what was executed stays', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plan = planOf([
			call('ring', [branch('ring', { response: 'created' }, 'mail')]),
			email('mail', [branch('mail', { response: 'sent' }, 'ring2', days(1))], {
				templateId: world.templateId
			}),
			call('ring2')
		]);
		const { cadenceId } = await makeCadence(db, world, plan);
		const ids = await makeLeads(db, world, [{ data: { email: 'a@b.example', phone: '+4915112345678' } }]);
		await enroll(db, world, cadenceId, ids);
		await runEngine(db);
		const result = await withOrg(db.web, world.orgId, (tx) =>
			unenrollRecords(tx, world.actor, {
				cadenceId,
				target: { moduleKey: 'leads', records: { ids } },
				reason: 'Asked to'
			})
		);
		expect(result).toEqual({ kind: 'done', unenrolled: 1 });
		const [state] = await db.admin.execute(sql`
			select e.status, e.end_reason, e.end_detail, e.ended_by, e.due_at, m.status as message, t.status as activity,
				t.cancelled_by, (select string_agg(a.action_id || ':' || a.status, ' ' order by a.id) from action_runs a
					where a.enrollment_id = e.id) as actions
			from enrollments e join messages m on m.enrollment_id = e.id join activities t on t.enrollment_id = e.id
			where e.cadence_id = ${cadenceId}`);
		expect(state).toEqual({
			status: 'stopped',
			end_reason: 'manual',
			end_detail: 'Asked to',
			ended_by: world.actor.userId,
			due_at: null,
			message: 'cancelled',
			activity: 'Cancelled',
			cancelled_by: 'system',
			actions: 'ring:executed mail:cancelled'
		});
		const [event] = await db.admin.execute(sql`
			select detail, actor_id, data from events where cadence_id = ${cadenceId} and kind = 'unenrolled'`);
		expect(event).toEqual({ detail: 'manual', actor_id: world.actor.userId, data: { text: 'Asked to' } });
	});

	test('UNE-3: the permission UNENROLL is asked for; singly or many at once, with a reason or without', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(db, world, planOf([task('t')]));
		const ids = await makeLeads(db, world, [{}, {}, {}]);
		await enroll(db, world, cadenceId, ids);
		const unenroll = (actor: Actor, some: string[], reason?: string) =>
			withOrg(db.web, world.orgId, (tx) =>
				unenrollRecords(tx, actor, {
					cadenceId,
					target: { moduleKey: 'leads', records: { ids: some } },
					...(reason && { reason })
				})
			);
		const none = await makeUser(db, world.orgId, {
			...rep,
			recordVisibility: 'all',
			cadences: { ...rep.cadences, unenroll: false }
		});
		await expect(unenroll(none, ids)).rejects.toMatchObject({ code: 'forbidden' });
		expect((await runsOf(db, cadenceId)).map((run) => run.status)).toEqual(['active', 'active', 'active']);
		expect(await unenroll(world.actor, ids.slice(0, 1), 'Asked to')).toMatchObject({ unenrolled: 1 });
		expect(await unenroll(world.actor, ids)).toMatchObject({ unenrolled: 2 });
		expect((await runsOf(db, cadenceId)).map((run) => run.end_reason)).toEqual([
			'manual',
			'manual',
			'manual'
		]);
	});

	test('E10, UNE-3: un-enrolling races a pass: whoever is first, no run is left between', async ({ db }) => {
		const world = await makeWorld(db);
		const plan = planOf([
			email('mail', [branch('mail', { response: 'sent' }, 't')], { templateId: world.templateId }),
			task('t')
		]);
		const { cadenceId } = await makeCadence(db, world, plan);
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 400 }, (_, i) => ({ data: { email: `p${i}@b.example` } }))
		);
		await enroll(db, world, cadenceId, ids);
		const runs = await runsOf(db, cadenceId);
		const lane = newLane(40);
		const passes = (async () => {
			while ((await advance(db.worker, lane)).claimed);
		})();
		const ends = (async () => {
			for (let at = 0; at < runs.length; at += 20)
				await withOrg(db.web, world.orgId, (tx) =>
					endRuns(
						tx,
						runs
							.slice(at, at + 20)
							.map((run) => ({ orgId: world.orgId, enrollmentId: run.id, reason: 'manual' as const })),
						world.actor.userId
					)
				);
		})();
		await Promise.all([passes, ends]);
		await runEngine(db);
		const rows = await db.admin.execute(sql`
			select e.status, coalesce(m.status, 'none') as message, count(*)::int as n
			from enrollments e left join messages m on m.enrollment_id = e.id
			where e.cadence_id = ${cadenceId} group by 1, 2 order by 1, 2`);
		expect(rows.every((row) => row.status === 'stopped' && row.message !== 'queued')).toBe(true);
		expect(rows.reduce((sum, row) => sum + Number(row.n), 0)).toBe(400);
	});

	test('EXE-1, OPS-2: two workers race over the same due runs: each action once', async ({ db }) => {
		const world = await makeWorld(db);
		const plan = planOf([
			task('a', [branch('a', { response: 'created' }, 'b')]),
			task('b', [branch('b', { response: 'created' }, 'c')]),
			task('c')
		]);
		const { cadenceId } = await makeCadence(db, world, plan);
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 1500 }, () => ({}))
		);
		await enroll(db, world, cadenceId, ids);
		const worker = async () => {
			const lane = newLane(200);
			for (;;) {
				const pass = await advance(db.worker, lane);
				if (!pass.claimed && !pass.blocked) return;
			}
		};
		await Promise.all([worker(), worker(), worker()]);
		await runEngine(db);
		const [count] = await db.admin.execute(sql`
			select (select count(*)::int from enrollments where cadence_id = ${cadenceId} and status = 'completed') as completed,
				(select count(*)::int from action_runs a join enrollments e on e.id = a.enrollment_id where e.cadence_id = ${cadenceId}) as actions,
				(select count(*)::int from activities t join enrollments e on e.id = t.enrollment_id where e.cadence_id = ${cadenceId}) as activities`);
		expect(count).toEqual({ completed: 1500, actions: 4500, activities: 4500 });
	});

	test('EXE-1: a poison row is set aside alone with its reason; its neighbours go on', async ({ db }) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(
			db,
			world,
			planOf([task('a', [branch('a', { response: 'created' }, 'b')]), task('b')])
		);
		const ids = await makeLeads(
			db,
			world,
			Array.from({ length: 50 }, () => ({}))
		);
		await enroll(db, world, cadenceId, ids);
		const [bad, repeated] = await runsOf(db, cadenceId);
		// One names a branch its plan does not have; of the other the database says that its action ran before.
		await db.admin.execute(sql`update enrollments set next_branch_id = 'gone/sent' where id = ${bad!.id}`);
		await db.admin.execute(sql`
			insert into action_runs (org_id, id, enrollment_id, run_no, action_id, kind, status)
			values (${world.orgId}, app.new_id(), ${repeated!.id}, 1, 'a', 'task', 'executed')`);
		await runEngine(db);
		const runs = await runsOf(db, cadenceId);
		expect(runs.filter((run) => run.status === 'completed')).toHaveLength(48);
		expect(runs.find((run) => run.id === bad!.id)?.quarantine_reason).toMatch(
			/gone\/sent|has no action|has no branch/
		);
		expect(runs.find((run) => run.id === repeated!.id)?.quarantine_reason).toMatch(
			/executed in this run before/
		);
	});
});
