import { sql } from 'drizzle-orm';
import type { EndReason } from '../../src/lib/domain/enrollment/state.ts';
import { endRuns } from '../../src/lib/server/enrollments/endRuns.ts';
import { previewReenroll } from '../../src/lib/server/enrollments/previewReenroll.ts';
import { restartEnrollments } from '../../src/lib/server/enrollments/restartEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { runBackgroundTask } from '../../src/lib/server/enrollments/runBackgroundTask.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { makeUser, rep, shiftClock } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	days,
	email,
	eventCounts,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task,
	type World
} from '../support/engineWorld.ts';
import { as, enrolled, messagesOf, publishPlan } from '../support/liveRuns.ts';

const created = { response: 'created' } as const;
const waiting = (wait = 2) => planOf([task('a', [branch('a', created, 'b', days(wait))]), task('b')]);
const stop = (db: TestDatabase, world: World, ids: string[]) =>
	as(db, world.actor, (tx) =>
		unenrollRecords(tx, world.actor, { target: { enrollmentIds: ids }, reason: 'Wrong person' })
	);
const resume = (db: TestDatabase, world: World, ids: string[]) =>
	as(db, world.actor, (tx) => resumeEnrollments(tx, world.actor, { enrollmentIds: ids }));
const activities = async (db: TestDatabase, enrollmentId: string) => [
	...(await db.admin.execute<{ status: string; hours: number; cancelled_by: string | null }>(sql`
		select status, cancelled_by, round(extract(epoch from due_at - created_at) / 3600)::float8 as hours from activities
		where enrollment_id = ${enrollmentId} order by created_at, id`))
];

describe('going on where a run stopped', () => {
	test('REE-4: what was left of the delay when it stopped; the open task comes back, later by as long', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(db, world, waiting());
		const [run] = await runsOf(db, cadenceId);
		const [before] = await activities(db, run!.id);
		await shiftClock(db, '12 hours');
		await stop(db, world, [run!.id]);
		expect(await activities(db, run!.id)).toMatchObject([{ status: 'Cancelled', cancelled_by: 'system' }]);
		await shiftClock(db, '12 days');
		expect(await resume(db, world, [run!.id])).toEqual({ kind: 'done', resumed: 1, skipped: {} });
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'active', end_reason: null, run_no: 1, current_action_id: 'a', due_in_hours: 36 }
		]);
		const [after] = await activities(db, run!.id);
		expect(after).toMatchObject({ status: 'Not started', cancelled_by: null });
		expect(after!.hours - before!.hours).toBe(11.5 * 24);
		await shiftClock(db, '14 days');
		await runEngine(db);
		expect(await eventCounts(db, cadenceId)).toMatchObject({
			unenrolled: 1,
			resumed: 1,
			executed: 2,
			completed: 1
		});
		await shiftClock(db, '0');
	});

	test('REE-4: before the first action it goes on with what was left of the entry delay', async ({ db }) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(db, world, planOf([task('a')], {}, days(4)));
		const [run] = await runsOf(db, cadenceId);
		await shiftClock(db, '1 day');
		await stop(db, world, [run!.id]);
		await shiftClock(db, '30 days');
		await resume(db, world, [run!.id]);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ next_branch_id: 'start/entry', due_in_hours: 72 }]);
		await shiftClock(db, '34 days');
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'completed', current_action_id: 'a' }]);
		await shiftClock(db, '0');
	});

	test('REE-4, EXE-10: a withdrawn message is queued again, once; one that left after all opens the race', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const mail = planOf([
			email('mail', [branch('mail', { response: 'sent' }, 'b', days(2))], { templateId: world.templateId }),
			task('b')
		]);
		const data = { email: 'a@b.example' };
		const { cadenceId } = await enrolled(db, world, mail, [{ data }, { data }]);
		const runs = (await runsOf(db, cadenceId)).map((run) => run.id);
		await db.admin.execute(sql`update messages set status = 'sending' where enrollment_id = ${runs[1]}`);
		await stop(db, world, runs);
		expect(await messagesOf(db, cadenceId)).toMatchObject([
			{ status: 'cancelled', run_status: 'cancelled' },
			{ status: 'sending' }
		]);
		await db.admin.execute(sql`
			update messages set status = 'sent', sent_at = app.now() where enrollment_id = ${runs[1]}`);
		await db.admin.execute(sql`
			insert into responses (org_id, enrollment_id, run_no, action_id, kind, at)
			values (${world.orgId}, ${runs[1]}, 1, 'mail', 'sent', app.now())`);
		await runEngine(db);
		await shiftClock(db, '1 day');
		expect(await resume(db, world, runs)).toMatchObject({ resumed: 2 });
		expect(await messagesOf(db, cadenceId)).toMatchObject([
			{ status: 'queued', run_status: 'queued' },
			{ status: 'sent', run_status: 'executed' }
		]);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'active', due_in_hours: null },
			{ status: 'active', next_branch_id: 'mail/sent', due_in_hours: 24 }
		]);
		await shiftClock(db, '0');
	});

	test('REE-4, VER-4: it goes on in the active version; a branch that is another by now waits anew', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(db, world, waiting(2), [{}, {}]);
		const published = await publishPlan(db, world, cadenceId, waiting(5));
		expect(published).toMatchObject({ stopped: 2 });
		await shiftClock(db, '1 day');
		const [run] = await runsOf(db, cadenceId);
		await resume(db, world, [run!.id]);
		const [row] = await db.admin.execute(
			sql`select version_id, ended_by, ended_at from enrollments where id = ${run!.id}`
		);
		expect(row).toEqual({ version_id: published.versionId, ended_by: null, ended_at: null });
		expect((await runsOf(db, cadenceId))[0]).toMatchObject({ due_in_hours: 96 });
		await shiftClock(db, '0');
	});

	test('REP-3: a run that stops a second time for the same reason counts once as unique', async ({ db }) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(db, world, waiting());
		const [run] = await runsOf(db, cadenceId);
		await stop(db, world, [run!.id]);
		await resume(db, world, [run!.id]);
		await stop(db, world, [run!.id]);
		await resume(db, world, [run!.id]);
		const log = await db.admin.execute(sql`
			select kind, first from events where enrollment_id = ${run!.id} and kind in ('unenrolled', 'resumed') order by id`);
		expect([...log]).toEqual([
			{ kind: 'unenrolled', first: true },
			{ kind: 'resumed', first: true },
			{ kind: 'unenrolled', first: false },
			{ kind: 'resumed', first: false }
		]);
		const [counted] = await db.admin.execute(sql`
			select sum(count)::int as n from report_deltas where cadence_id = ${cadenceId} and kind = 'unenrolled' and first`);
		expect(counted).toEqual({ n: 1 });
	});
});

describe('who can go on', () => {
	test('REE-1, REE-2, REE-3: the preview says how many resume, how many only restart, and how many neither', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const endings: (EndReason | null)[] = [
			'manual',
			'left_view',
			'completed',
			'missing_address',
			'exit',
			'exit_goal',
			'no_response',
			'converted',
			'merged',
			null
		];
		const { cadenceId } = await enrolled(db, world, waiting(), [...endings.map(() => ({})), {}, {}]);
		const runs = (await runsOf(db, cadenceId)).map((run) => run.id);
		await as(db, world.actor, (tx) =>
			endRuns(
				tx,
				[...endings, 'date' as const, 'manual' as const].flatMap((reason, i) =>
					reason ? [{ orgId: world.orgId, enrollmentId: runs[i]!, reason }] : []
				)
			)
		);
		// A user deleted a task of the run; the record of another one is gone.
		await db.admin.execute(sql`
			update activities set deleted_at = now() where enrollment_id = ${runs[endings.length]}`);
		await db.admin.execute(sql`
			update records set deleted_at = now() where id = (select record_id from enrollments where id = ${runs[endings.length + 1]})`);
		const preview = await as(db, world.actor, (tx) =>
			previewReenroll(tx, world.actor, { cadenceId, all: true })
		);
		expect(preview).toEqual({
			total: 12,
			resume: 2,
			paused: 0,
			restartOnly: { count: 6, reasons: { completed: 2, failed: 1, exit: 2, activity_deleted: 1 } },
			neither: { count: 4, reasons: { final: 2, record_gone: 1, still_running: 1 } }
		});
		expect(await resume(db, world, runs)).toMatchObject({
			resumed: 2,
			skipped: {
				completed: 2,
				failed: 1,
				exit: 2,
				activity_deleted: 1,
				final: 2,
				record_gone: 1,
				still_running: 1
			}
		});
		const restarted = await as(db, world.actor, (tx) =>
			restartEnrollments(tx, world.actor, { cadenceId, all: true })
		);
		expect(restarted).toMatchObject({
			restarted: 6,
			skipped: { still_running: 3, final: 2, record_gone: 1 }
		});
	});

	test('REE-0, REE-3, ENR-3: not in an inactive cadence, nor what matches an un-enroll rule, nor whose action went', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const rules = { leavesView: false, onDate: null, outcomes: [] };
		const criteria = { field: 'rating', op: 'is' as const, value: 'Cold' };
		const plan = planOf([task('a', [branch('a', created, 'b', days(2))]), task('b')], {
			unenroll: { ...rules, criteria }
		});
		const { cadenceId, leads } = await enrolled(db, world, plan, [{}, {}]);
		const runs = (await runsOf(db, cadenceId)).map((run) => run.id);
		await stop(db, world, runs);
		await db.admin.execute(
			sql`update records set data = data || '{"rating": "Cold"}' where id = ${leads[0]}`
		);
		const look = () => as(db, world.actor, (tx) => previewReenroll(tx, world.actor, { enrollmentIds: runs }));
		expect(await look()).toMatchObject({ resume: 1, neither: { reasons: { matches_unenrollment: 1 } } });
		await db.admin.execute(sql`update cadences set state = 'inactive' where id = ${cadenceId}`);
		expect(await look()).toMatchObject({ resume: 0, neither: { reasons: { cadence_inactive: 2 } } });
		await expect(resume(db, world, runs)).rejects.toMatchObject({ code: 'invalid' });
		await db.admin.execute(sql`update cadences set state = 'active' where id = ${cadenceId}`);
		await publishPlan(db, world, cadenceId, planOf([task('c')]));
		expect(await look()).toMatchObject({ resume: 0, restartOnly: { reasons: { action_gone: 2 } } });
		const viewer = await makeUser(db, world.orgId, {
			...rep,
			cadences: { view: true, manage: false, enroll: false, unenroll: true }
		});
		await expect(
			as(db, viewer, (tx) => resumeEnrollments(tx, viewer, { enrollmentIds: runs }))
		).rejects.toMatchObject({ code: 'forbidden' });
	});

	test('REE-1, UNE-7: a deleted record cannot, the restored one can go on', async ({ db }) => {
		const world = await makeWorld(db);
		const { cadenceId, leads } = await enrolled(db, world, waiting());
		const [run] = await runsOf(db, cadenceId);
		await as(db, world.actor, (tx) =>
			endRuns(tx, [{ orgId: world.orgId, enrollmentId: run!.id, reason: 'record_deleted' }])
		);
		await db.admin.execute(sql`update records set deleted_at = now() where id = ${leads[0]}`);
		await expect(resume(db, world, [run!.id])).rejects.toMatchObject({ code: 'invalid' });
		await db.admin.execute(sql`update records set deleted_at = null where id = ${leads[0]}`);
		expect(await resume(db, world, [run!.id])).toMatchObject({ resumed: 1 });
	});

	test(
		'REE-2: large sets go on in the background, with the same result at the end',
		{ timeout: 120_000 },
		async ({ db }) => {
			const world = await makeWorld(db);
			const { cadenceId } = await enrolled(
				db,
				world,
				waiting(),
				Array.from({ length: 1010 }, () => ({}))
			);
			const runs = (await runsOf(db, cadenceId)).map((run) => run.id);
			await as(db, world.actor, (tx) =>
				endRuns(
					tx,
					runs.map((enrollmentId, i) => ({
						orgId: world.orgId,
						enrollmentId,
						reason: i < 10 ? ('converted' as const) : ('manual' as const)
					}))
				)
			);
			const outcome = await as(db, world.actor, (tx) =>
				resumeEnrollments(tx, world.actor, { cadenceId, all: true, status: 'stopped' })
			);
			expect(outcome).toMatchObject({ kind: 'background', total: 1010 });
			const taskId = outcome.kind === 'background' ? outcome.taskId : '';
			await runBackgroundTask(db.worker, { orgId: world.orgId, taskId });
			const [done] = await db.admin.execute(
				sql`select status, result from background_tasks where id = ${taskId}`
			);
			expect(done).toEqual({ status: 'done', result: { resumed: 1000, skipped: { final: 10 } } });
		}
	);
});
