import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { editReviewed } from '../../src/lib/server/activities/editReviewed.ts';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { useConfig } from '../support/config.ts';
import { startSink } from '../support/startSink.ts';
import { deleteActivity } from '../../src/lib/server/activities/deleteActivity.ts';
import { getReview } from '../../src/lib/server/activities/getReview.ts';
import { listWork } from '../../src/lib/server/activities/listWork.ts';
import { recordOverdue } from '../../src/lib/server/activities/sweepActivities.ts';
import { updateTaskStatus } from '../../src/lib/server/activities/updateTaskStatus.ts';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { emailTemplates } from '../../src/lib/server/db/schema/channels.ts';
import { recordResponses } from '../../src/lib/server/engine/recordResponses.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import type { PlanActionOf } from '../../src/lib/domain/plan/plan.ts';
import { makeUser, rep, shiftClock } from '../support/crm.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
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

/** Records with an address in a cadence whose first action is this e-mail. */
async function startMail(
	db: TestDatabase,
	world: World,
	config: Partial<PlanActionOf<'email'>['config']>,
	n = 1
): Promise<{ cadenceId: string; ids: string[] }> {
	const plan = planOf([
		email('mail', [branch('mail', { response: 'sent' }, 'next', days(1))], {
			templateId: world.templateId,
			...config
		}),
		{ ...task('next'), followUp: 2 }
	]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: n }, (_, i) => ({ data: { lastName: `Lead ${i}`, email: `p${i}@people.example` } }))
	);
	await withOrg(db.web, world.orgId, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
	await runEngine(db);
	return { cadenceId, ids };
}

async function reviewOf(db: TestDatabase, cadenceId: string) {
	const [row] = await db.admin.execute<{
		task_id: string;
		task_status: string;
		subject: string;
		owner_id: string;
		status: string;
		wait_reason: string | null;
		enrollment_id: string;
	}>(sql`
		select t.id as task_id, t.status as task_status, t.subject, t.owner_id, m.status, m.wait_reason, m.enrollment_id
		from messages m join activities t on t.org_id = m.org_id and t.action_run_id = m.action_run_id and t.review
		where m.cadence_id = ${cadenceId}`);
	return row!;
}

const claim = async (db: TestDatabase) => (await claimMessages(db.worker, 'email')).messages.length;
const eventKinds = async (db: TestDatabase, cadenceId: string) =>
	(
		await db.admin.execute<{ kind: string }>(
			sql`select distinct kind from events where cadence_id = ${cadenceId} order by 1`
		)
	).map((row) => row.kind);

describe('review before sending', () => {
	test('GRA-8: the e-mail is held with a task for the owner; completing it lets the e-mail go', async ({
		db
	}) => {
		const world = await makeWorld(db);
		await db.admin.execute(
			sql`update email_templates set subject = 'Hello {{lead.lastName}}' where id = ${world.templateId}`
		);
		const { cadenceId } = await startMail(db, world, { review: true });
		const held = await reviewOf(db, cadenceId);
		expect(held).toMatchObject({
			subject: 'Review e-mail: Hello Lead 0',
			owner_id: world.actor.userId,
			task_status: 'Not started',
			status: 'queued',
			wait_reason: 'review'
		});
		expect(await claim(db)).toBe(0);
		const work = await withOrg(db.web, world.orgId, (tx) => listWork(tx, world.actor));
		expect(work.map((item) => [item.id, item.review])).toEqual([[held.task_id, true]]);
		const look = (actor = world.actor) =>
			withOrg(db.web, world.orgId, (tx) => getReview(tx, actor, held.task_id));
		expect(await look()).toMatchObject({
			to: 'p0@people.example',
			waits: true,
			mail: { subject: 'Hello Lead 0', html: '<p>Hi</p>' }
		});
		const stranger = await makeUser(db, world.orgId, rep, 'Stranger');
		await expect(look(stranger)).rejects.toMatchObject({ code: 'not_found' });
		const sentence = await withOrg(db.web, world.orgId, (tx) =>
			explainEnrollment(tx, world.actor, held.enrollment_id)
		);
		expect(sentence).toMatch(/mail waits in the outbox: its review is not completed yet/);
		// None of the task's changes is a response to the e-mail.
		const set = (status: string) =>
			withOrg(db.web, world.orgId, (tx) =>
				updateTaskStatus(tx, world.actor, { activityId: held.task_id, status })
			);
		await set('In progress');
		await recordOverdue(db.worker);
		await runEngine(db);
		expect(await claim(db)).toBe(0);
		await set('Completed');
		await runEngine(db);
		expect(await eventKinds(db, cadenceId)).toEqual(['enrolled']);
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'active', next_branch_id: null }]);
		expect(await claim(db)).toBe(1);
	});

	test('GRA-8: the reviewer changes subject and text of this one e-mail; both go out, cleaned, with merge fields', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await startMail(db, world, { review: true }, 2);
		const [held, other] = await db.admin.execute<{ task_id: string; message_id: string; last: string }>(sql`
			select t.id as task_id, m.id as message_id, r.data ->> 'lastName' as last
			from messages m join activities t on t.org_id = m.org_id and t.action_run_id = m.action_run_id and t.review
			join records r on r.org_id = m.org_id and r.id = m.record_id where m.cadence_id = ${cadenceId} order by m.id`);
		const edit = (actor: Actor, text: { subject: string; html: string }) =>
			withOrg(db.web, world.orgId, (tx) => editReviewed(tx, actor, { activityId: held!.task_id, ...text }));
		const html = '<p onclick="x()">Dear {{lead.lastName}}</p><script>alert(1)</script>';
		const stranger = await makeUser(db, world.orgId, rep, 'Stranger');
		await expect(edit(stranger, { subject: 'Mine', html })).rejects.toMatchObject({ code: 'not_found' });
		await expect(edit(world.actor, { subject: '{{lead.nothing}}', html })).rejects.toMatchObject({
			pointer: '/subject'
		});
		await edit(world.actor, { subject: 'For {{lead.lastName}} only', html });
		const review = await withOrg(db.web, world.orgId, (tx) => getReview(tx, world.actor, held!.task_id));
		expect(review).toMatchObject({
			edited: true,
			mail: { subject: `For ${held!.last} only`, html: `<p>Dear ${held!.last}</p>` }
		});
		for (const { task_id } of [held!, other!])
			await withOrg(db.web, world.orgId, (tx) =>
				updateTaskStatus(tx, world.actor, { activityId: task_id, status: 'Completed' })
			);
		const sink = await startSink();
		useConfig(db.urls, { SMTP_URL: sink.url });
		try {
			await sendMessages(db.worker, 'email', { concurrency: 1, batch: 5 });
		} finally {
			useConfig(db.urls);
			await sink.remove();
		}
		const sent = await db.admin.execute<{ subject: string; html: string; status: string }>(sql`
			select status, subject, html from messages where cadence_id = ${cadenceId} order by id`);
		expect([...sent]).toMatchObject([
			{
				status: 'sent',
				subject: `For ${held!.last} only`,
				html: expect.stringContaining(`<p>Dear ${held!.last}</p>`)
			},
			{ status: 'sent', html: expect.stringContaining('<p>Hi</p>') }
		]);
		expect(sent[0]!.html).not.toMatch(/script|onclick/);
		expect(sent[1]!.subject).not.toMatch(/only/);
		await expect(edit(world.actor, { subject: 'Too late', html })).rejects.toMatchObject({
			code: 'conflict'
		});
	});

	test('EXE-4: deleting the review is deleting the activity of the action; afterwards it has no say', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await startMail(db, world, { review: true });
		const held = await reviewOf(db, cadenceId);
		const remove = (activityId: string) =>
			withOrg(db.web, world.orgId, (tx) => deleteActivity(tx, world.actor, { activityId }));
		await remove(held.task_id);
		await runEngine(db);
		expect(await reviewOf(db, cadenceId)).toMatchObject({ status: 'cancelled' });
		expect(await runsOf(db, cadenceId)).toMatchObject([{ status: 'failed', end_reason: 'activity_deleted' }]);
		expect(await claim(db)).toBe(0);
		const other = await startMail(db, world, { review: true });
		const released = await reviewOf(db, other.cadenceId);
		await withOrg(db.web, world.orgId, (tx) =>
			updateTaskStatus(tx, world.actor, { activityId: released.task_id, status: 'Completed' })
		);
		await remove(released.task_id);
		await runEngine(db);
		expect(await runsOf(db, other.cadenceId)).toMatchObject([{ status: 'active' }]);
		expect(await claim(db)).toBe(1);
	});

	test('UNE-4, ENR-9: un-enrolling withdraws both; no pause, resume or sweep lets an unreviewed e-mail go', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await startMail(db, world, { review: true });
		const { enrollment_id } = await reviewOf(db, cadenceId);
		const input = { enrollmentIds: [enrollment_id] };
		await withOrg(db.web, world.orgId, (tx) => pauseEnrollments(tx, world.actor, { ...input, until: null }));
		expect(await claim(db)).toBe(0);
		await withOrg(db.web, world.orgId, (tx) => resumeEnrollments(tx, world.actor, input));
		await shiftClock(db, '400 days');
		await sweepMessages(db.worker);
		expect(await claim(db)).toBe(0);
		await shiftClock(db, '0');
		expect(await reviewOf(db, cadenceId)).toMatchObject({ status: 'queued', wait_reason: 'review' });
		await withOrg(db.web, world.orgId, (tx) => unenrollRecords(tx, world.actor, { target: input }));
		expect(await reviewOf(db, cadenceId)).toMatchObject({ status: 'cancelled', task_status: 'Cancelled' });
		const work = await withOrg(db.web, world.orgId, (tx) => listWork(tx, world.actor));
		expect(work).toEqual([]);
	});

	test('GRA-8: the reviewer may be somebody else, in turn; nobody active fails the run', async ({ db }) => {
		const world = await makeWorld(db);
		const ann = (await makeUser(db, world.orgId, rep, 'Ann')).userId;
		const ben = (await makeUser(db, world.orgId, rep, 'Ben')).userId;
		const turns = await startMail(
			db,
			world,
			{ review: true, reviewer: { kind: 'roundRobin', userIds: [ann, ben] } },
			4
		);
		const owners = await db.admin.execute<{ owner_id: string; n: number }>(sql`
			select t.owner_id, count(*)::int as n from activities t join enrollments e on e.id = t.enrollment_id
			where e.cadence_id = ${turns.cadenceId} group by 1 order by 1`);
		expect([...owners]).toEqual([
			{ owner_id: ann, n: 2 },
			{ owner_id: ben, n: 2 }
		]);
		await db.admin.execute(sql`update users set active = false where id = ${ann}::uuid`);
		const failed = await startMail(db, world, { review: true, reviewer: { kind: 'user', userId: ann } });
		expect(await runsOf(db, failed.cadenceId)).toMatchObject([
			{ status: 'failed', end_reason: 'owner_inactive' }
		]);
	});
});

test('GRA-8, REP-1: the variant of each run is chosen by weight and stored with message, action and events', async ({
	db
}) => {
	const world = await makeWorld(db);
	const second = newId();
	await db.admin
		.insert(emailTemplates)
		.values({ orgId: world.orgId, id: second, name: 'Other', subject: 'Ho', html: '<p>Ho</p>' });
	const { cadenceId } = await startMail(
		db,
		world,
		{ weight: 75, variants: [{ id: 'b', templateId: second, weight: 25 }] },
		200
	);
	const counts = await db.admin.execute<{
		variant: string;
		template_id: string;
		same: boolean;
		n: number;
	}>(sql`
		select m.variant, m.template_id, bool_and(a.variant = m.variant) as same, count(*)::int as n from messages m
		join action_runs a on a.org_id = m.org_id and a.id = m.action_run_id
		where m.cadence_id = ${cadenceId} group by 1, 2 order by 1`);
	expect(counts.map(({ variant, template_id, same }) => [variant, template_id, same])).toEqual([
		['a', world.templateId, true],
		['b', second, true]
	]);
	expect(counts[0]!.n).toBeGreaterThan(125);
	expect(counts[1]!.n).toBeGreaterThan(25);
	const runs = await runsOf(db, cadenceId);
	await recordResponses(
		db.worker,
		runs.map((run) => ({
			orgId: world.orgId,
			enrollmentId: run.id,
			runNo: 1,
			actionId: 'mail',
			kind: 'sent' as const
		}))
	);
	await runEngine(db);
	const events = await db.admin.execute<{ kind: string; ok: boolean; n: number }>(sql`
		select v.kind, bool_and(v.data ->> 'variant' = m.variant) as ok, count(*)::int as n from events v
		join messages m on m.org_id = v.org_id and m.enrollment_id = v.enrollment_id and m.action_id = v.action_id
		where v.cadence_id = ${cadenceId} and v.kind in ('executed', 'sent') group by 1 order by 1`);
	expect([...events]).toEqual([
		{ kind: 'executed', ok: true, n: 200 },
		{ kind: 'sent', ok: true, n: 200 }
	]);
});

test('EXE-4: a variant whose template is gone fails its own runs only', async ({ db }) => {
	const world = await makeWorld(db);
	const { cadenceId } = await startMail(
		db,
		world,
		{ weight: 50, variants: [{ id: 'b', templateId: newId(), weight: 50 }] },
		40
	);
	const ends = await db.admin.execute<{ status: string; end_reason: string | null; n: number }>(sql`
		select status, end_reason, count(*)::int as n from enrollments where cadence_id = ${cadenceId}
		group by 1, 2 order by 1`);
	expect(ends.map((row) => [row.status, row.end_reason])).toEqual([
		['active', null],
		['failed', 'template_gone']
	]);
	expect(ends.reduce((sum, row) => sum + row.n, 0)).toBe(40);
});
