import { sql } from 'drizzle-orm';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { listPlanActions } from '../../src/lib/server/enrollments/listPlanActions.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { restartEnrollments } from '../../src/lib/server/enrollments/restartEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { skipForward } from '../../src/lib/server/enrollments/skipForward.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { describe, expect, test } from '../support/db.ts';
import {
	branch,
	days,
	email,
	eventCounts,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task,
	type World
} from '../support/engineWorld.ts';
import { as, enrolled, messagesOf } from '../support/liveRuns.ts';

const created = { response: 'created' } as const;
const chain = (world: World) =>
	planOf([
		email('mail', [branch('mail', { response: 'replied' }, 'b')], { templateId: world.templateId }),
		{ ...task('b', [branch('b', created, 'c', days(3))]), followUp: 2 },
		{ ...task('c'), followUp: 3 }
	]);
const data = { email: 'a@b.example' };

describe('ENR-8: skipping forward', () => {
	test('ENR-8, EXE-10: the action is due at once, the queued message is withdrawn, and nothing runs twice', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await enrolled(db, world, chain(world), [{ data }]);
		const [run] = await runsOf(db, cadenceId);
		const skip = (actionId: string) =>
			as(db, world.actor, (tx) => skipForward(tx, world.actor, { enrollmentIds: [run!.id], actionId }));
		expect(await skip('c')).toEqual({ kind: 'done', skippedForward: 1, unchanged: 0 });
		expect(await runsOf(db, cadenceId)).toMatchObject([{ next_branch_id: 'skip/c', due_in_hours: 0 }]);
		expect(await messagesOf(db, cadenceId)).toMatchObject([{ status: 'cancelled', run_status: 'cancelled' }]);
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'completed', end_reason: 'completed', current_action_id: 'c', quarantine_reason: null }
		]);
		expect(await eventCounts(db, cadenceId)).toMatchObject({ skippedTo: 1, executed: 1 });
		await expect(skip('b')).rejects.toMatchObject({ code: 'invalid', pointer: '/actionId' });
	});

	test('ENR-8, GRA-8: the review of an e-mail that is skipped is cancelled by the system', async ({ db }) => {
		const world = await makeWorld(db);
		const plan = planOf([
			email('mail', [branch('mail', { response: 'replied' }, 'b')], {
				templateId: world.templateId,
				review: true
			}),
			{ ...task('b'), followUp: 2 }
		]);
		const { cadenceId } = await enrolled(db, world, plan, [{ data }, { data }]);
		const [run, other] = await runsOf(db, cadenceId);
		await as(db, world.actor, (tx) =>
			skipForward(tx, world.actor, { enrollmentIds: [run!.id], actionId: 'b' })
		);
		const reviews = await db.admin.execute(sql`
			select t.enrollment_id, t.status, t.cancelled_by, t.cancelled_at is not null as cancelled from activities t
			where t.review and t.enrollment_id in (${run!.id}, ${other!.id}) order by t.enrollment_id`);
		expect([...reviews].sort((a) => (a['enrollment_id'] === run!.id ? -1 : 1))).toMatchObject([
			{ enrollment_id: run!.id, status: 'Cancelled', cancelled_by: 'system', cancelled: true },
			{ enrollment_id: other!.id, status: 'Not started', cancelled_by: null, cancelled: false }
		]);
	});

	test('ENR-8: of a paused run it is due at resume; backwards is no way; un-enrollment still wins', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const rules = { leavesView: false, onDate: null, outcomes: [] };
		const criteria = { field: 'rating', op: 'is' as const, value: 'Cold' };
		const plan = planOf(
			[
				task('a', [branch('a', created, 'b', days(3))]),
				task('b', [branch('b', created, 'c', days(3))]),
				task('c')
			],
			{ unenroll: { ...rules, criteria } }
		);
		const { cadenceId } = await enrolled(db, world, plan, [{}, {}]);
		const stored = await runsOf(db, cadenceId);
		const runs = stored.map((run) => run.id);
		const second = stored[1]!.record_id;
		await as(db, world.actor, async (tx) => {
			await pauseEnrollments(tx, world.actor, { enrollmentIds: runs });
			expect(
				await skipForward(tx, world.actor, { cadenceId, all: true, status: 'paused', actionId: 'c' })
			).toMatchObject({ skippedForward: 2 });
			await expect(
				tx.transaction(() => skipForward(tx, world.actor, { enrollmentIds: runs, actionId: 'a' }))
			).rejects.toMatchObject({ code: 'invalid' });
		});
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'paused' }, { status: 'paused' }]);
		await db.admin.execute(sql`update records set data = data || '{"rating": "Cold"}' where id = ${second}`);
		await as(db, world.actor, (tx) => resumeEnrollments(tx, world.actor, { enrollmentIds: runs }));
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ status: 'completed', current_action_id: 'c' },
			{ status: 'stopped', end_reason: 'criteria' }
		]);
	});

	test('ENR-8: start at an action, when enrolling and when restarting; only one that there is', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(db, world, chain(world));
		const ids = await makeLeads(db, world, [{ data }]);
		const choices = await as(db, world.actor, (tx) => listPlanActions(tx, world.actor, cadenceId));
		expect(choices.map(({ id }) => id)).toEqual(['mail', 'b', 'c']);
		await expect(
			as(db, world.actor, (tx) => listPlanActions(tx, world.actor, 'nonsense'))
		).rejects.toMatchObject({ code: 'not_found' });
		const enroll = (startAt: string) =>
			as(db, world.actor, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids }, startAt }));
		await expect(enroll('nowhere')).rejects.toMatchObject({ pointer: '/startAt' });
		expect(await enroll('b')).toMatchObject({ result: { enrolled: 1 } });
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ current_action_id: 'b', due_in_hours: 72 }]);
		const [run] = await runsOf(db, cadenceId);
		await as(db, world.actor, async (tx) => {
			await unenrollRecords(tx, world.actor, { target: { enrollmentIds: [run!.id] } });
			await restartEnrollments(tx, world.actor, { enrollmentIds: [run!.id], startAt: 'c' });
		});
		await runEngine(db);
		expect(await runsOf(db, cadenceId)).toMatchObject([
			{ run_no: 2, status: 'completed', current_action_id: 'c' }
		]);
		expect(await messagesOf(db, cadenceId)).toEqual([]);
	});
});
