import { sql } from 'drizzle-orm';
import { emptyDraft } from '../../src/lib/domain/cadence/draft.ts';
import { activateCadence } from '../../src/lib/server/cadences/activateCadence.ts';
import { deactivateCadence } from '../../src/lib/server/cadences/deactivateCadence.ts';
import { updateTaskStatus } from '../../src/lib/server/activities/updateTaskStatus.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { scanCadence } from '../../src/lib/server/engine/scanCadence.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { skipForward } from '../../src/lib/server/enrollments/skipForward.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { addTemplate } from '../support/channelWorld.ts';
import { shiftClock } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';
import { branch, days, email, makeWorld, planOf, runEngine, runsOf, task } from '../support/engineWorld.ts';
import { enrolled, publishPlan } from '../support/liveRuns.ts';

/** The organization's zone is UTC. */
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

describe('where two rules meet', () => {
	test('VER-4, GRA-8, REP-1: an e-mail made anew is counted for the variant that it sends now', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const other = await addTemplate(db, world, 'Ho', '<p>Ho</p>');
		const mail = (weight: number) =>
			planOf([
				email('mail', [branch('mail', { response: 'sent' }, 'next', days(1))], {
					templateId: world.templateId,
					weight,
					variants: [{ id: 'b', templateId: other, weight: 100 - weight }]
				}),
				task('next')
			]);
		const leads = Array.from({ length: 8 }, (_, i) => ({ data: { email: `p${i}@people.example` } }));
		const { cadenceId } = await enrolled(db, world, mail(99), leads);
		const variants = () =>
			db.admin.execute<{ sends: string; counted: string; n: number }>(sql`
			select m.variant as sends, a.variant as counted, count(*)::int as n from messages m join action_runs a on a.org_id = m.org_id and a.id = m.action_run_id
			where m.cadence_id = ${cadenceId} group by 1, 2 order by 1, 2`);
		expect((await variants()).every((row) => row.sends === row.counted)).toBe(true);
		await publishPlan(db, world, cadenceId, mail(1), { decisions: { mail: 'move' } });
		const moved = await variants();
		expect(moved.some((row) => row.sends === 'b')).toBe(true);
		expect(moved.every((row) => row.sends === row.counted)).toBe(true);
	});

	test('VER-4, GRA-8: a move asks nobody to review again: the sender of a held e-mail does not depend on it', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const mail = (replyTo: string) =>
			planOf([
				email('mail', [branch('mail', { response: 'sent' }, 'next', days(1))], {
					templateId: world.templateId,
					review: true,
					reviewer: { kind: 'roundRobin', userIds: [world.actor.userId] },
					replyTo
				}),
				task('next')
			]);
		const { cadenceId } = await enrolled(db, world, mail(''), [{ data: { email: 'p@people.example' } }]);
		const moved = await publishPlan(db, world, cadenceId, mail('desk@b.example'), {
			decisions: { mail: 'move' }
		});
		expect(moved.moved).toBe(1);
		const [message] = await db.admin.execute(
			sql`select sender_id, wait_reason, settings ->> 'replyTo' as reply from messages where cadence_id = ${cadenceId}`
		);
		expect(message).toEqual({ sender_id: world.senderId, wait_reason: 'review', reply: 'desk@b.example' });
	});

	test('VER-4, GRA-8: whether a moved e-mail is reviewed is said by the new settings; what was reviewed goes on', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const mail = (review: boolean) =>
			planOf([
				email('mail', [branch('mail', { response: 'sent' }, 'next', days(1))], {
					templateId: world.templateId,
					review
				}),
				task('next')
			]);
		const { cadenceId } = await enrolled(db, world, mail(false), [{ data: { email: 'p@people.example' } }]);
		const standing = async () => {
			const [row] = await db.admin.execute<{
				wait: string | null;
				status: string | null;
				by: string | null;
				task: string;
			}>(sql`
				select m.wait_reason as wait, t.status, t.cancelled_by as by, m.action_run_id as task, m.not_before <= app.now() as due
				from messages m left join activities t on t.org_id = m.org_id and t.id = m.action_run_id and t.review
				where m.cadence_id = ${cadenceId}`);
			return row!;
		};
		const move = (review: boolean) =>
			publishPlan(db, world, cadenceId, mail(review), { decisions: { mail: 'move' } });
		expect(await standing()).toMatchObject({ wait: null, status: null, due: true });
		await move(true);
		expect(await standing()).toMatchObject({ wait: 'review', status: 'Not started', due: false });
		await move(false);
		expect(await standing()).toMatchObject({ wait: null, status: 'Cancelled', by: 'system', due: true });
		await move(true);
		const { task: activityId, ...held } = await standing();
		expect(held).toMatchObject({ wait: 'review', status: 'Not started', by: null });
		await withOrg(db.web, world.orgId, (tx) =>
			updateTaskStatus(tx, world.actor, { activityId, status: 'Completed' })
		);
		await move(false);
		await move(true);
		expect(await standing()).toMatchObject({ wait: null, status: 'Completed', due: true });
	});

	test('REE-4, ENR-8, GRA-8: a review whose e-mail was skipped past stays cancelled when its run is stopped and resumed', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plan = planOf([
			email('mail', [branch('mail', { response: 'sent' }, 'next')], {
				templateId: world.templateId,
				review: true
			}),
			task('next', [branch('next', { response: 'overdue' }, 'last')]),
			task('last')
		]);
		const { cadenceId } = await enrolled(db, world, plan, [{ data: { email: 'p@people.example' } }]);
		const [run] = await runsOf(db, cadenceId);
		const enrollmentIds = [run!.id];
		const as = <T>(work: (tx: OrgTx) => Promise<T>) => withOrg(db.web, world.orgId, work);
		await as((tx) => skipForward(tx, world.actor, { enrollmentIds, actionId: 'next' }));
		await runEngine(db);
		await as((tx) => unenrollRecords(tx, world.actor, { target: { enrollmentIds } }));
		await as((tx) => resumeEnrollments(tx, world.actor, { enrollmentIds }));
		const activities = await db.admin.execute(sql`
			select action_id, review, status from activities where enrollment_id = ${run!.id} order by action_id`);
		expect([...activities]).toEqual([
			{ action_id: 'mail', review: true, status: 'Cancelled' },
			{ action_id: 'next', review: false, status: 'Not started' }
		]);
	});

	test('UNE-6, UNE-1 (b): the un-enroll date comes also for a cadence that was switched off the minute before', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const unenroll = { ...emptyDraft().settings.unenroll, onDate: tomorrow() };
		const plan = planOf([task('a', [branch('a', { response: 'created' }, 'b', days(5))]), task('b')], {
			unenroll
		});
		const { cadenceId } = await enrolled(db, world, plan);
		const scan = { orgId: world.orgId, cadenceId };
		await scanCadence(db.worker, scan);
		await withOrg(db.web, world.orgId, (tx) => deactivateCadence(tx, world.actor, { cadenceId }));
		await shiftClock(db, '1 day');
		await sweepEngine(db.worker);
		const jobs = await db.worker.execute(
			sql`select 1 from graphile_worker._private_jobs where key = ${`rescan:${cadenceId}`}`
		);
		expect(jobs).toHaveLength(1);
		await scanCadence(db.worker, scan);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'stopped', end_reason: 'date' }]);
		await shiftClock(db, '0');
	});

	test('ENR-8: everybody whose pause ends at one instant goes on in one sweep, however many they are', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const plan = planOf([task('a', [branch('a', { response: 'created' }, 'b', days(5))]), task('b')]);
		const { cadenceId } = await enrolled(db, world, plan, [{}, {}, {}, {}, {}]);
		const enrollmentIds = (await runsOf(db, cadenceId)).map((run) => run.id);
		const until = new Date(Date.now() + 3_600_000);
		await withOrg(db.web, world.orgId, (tx) => pauseEnrollments(tx, world.actor, { enrollmentIds, until }));
		await shiftClock(db, '2 hours');
		await sweepEngine(db.worker, { atOnce: 2 });
		expect((await runsOf(db, cadenceId)).map((run) => run.status)).toEqual(Array<string>(5).fill('active'));
		await shiftClock(db, '0');
	});

	test('E16, DEA-1, ENR-8, VER-4: a run that cannot be read stops nobody else from being paused, halted, moved or sent on', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const wait = { amount: 2, unit: 'businessDays' } as const;
		const plan = (subject: string) =>
			planOf([task('a', [branch('a', { response: 'created' }, 'b', wait)]), task('b', [], { subject })]);
		const { cadenceId } = await enrolled(db, world, plan('One'), [{}, {}, {}]);
		const [poison, ...good] = (await runsOf(db, cadenceId)).map((run) => run.id);
		await db.admin.execute(sql`
			update enrollments set race = jsonb_set(race, '{timed}', '{"a/nowhere": 9e15}'), next_branch_id = 'a/created',
				quarantined_at = app.now(), quarantine_reason = 'It made a pass fail.' where id = ${poison!}::uuid`);
		const as = <T>(work: (tx: OrgTx) => Promise<T>) => withOrg(db.web, world.orgId, work);
		const all = { enrollmentIds: [poison!, ...good] };
		const states = async () => (await runsOf(db, cadenceId)).map((run) => run.status);
		await as((tx) => pauseEnrollments(tx, world.actor, all));
		expect(await states()).toEqual(['active', 'paused', 'paused']);
		await as((tx) => resumeEnrollments(tx, world.actor, all));
		await as((tx) => deactivateCadence(tx, world.actor, { cadenceId }));
		expect(await states()).toEqual(['paused', 'paused', 'paused']);
		await as((tx) => activateCadence(tx, world.actor, { cadenceId, halted: 'continue' }));
		expect(await states()).toEqual(['paused', 'active', 'active']);
		const published = await publishPlan(db, world, cadenceId, plan('Two'), { decisions: { b: 'move' } });
		expect(published.moved).toBe(2);
		const sentence = await as((tx) => explainEnrollment(tx, world.actor, poison!));
		expect(sentence).toContain('It was set aside because the engine could not go on: The plan has no branch');
		// Nothing that could not be read is left of it then.
		const sent = await as((tx) => skipForward(tx, world.actor, { ...all, actionId: 'b' }));
		expect(sent).toMatchObject({ skippedForward: 3 });
		await as((tx) => unenrollRecords(tx, world.actor, { target: all }));
		expect(await states()).toEqual(['stopped', 'stopped', 'stopped']);
	});
});
