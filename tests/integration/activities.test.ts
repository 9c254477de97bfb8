import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import type { LiveEvent } from '../../src/lib/domain/liveEvents.ts';
import { cancelCall } from '../../src/lib/server/activities/cancelCall.ts';
import { completeTask } from '../../src/lib/server/activities/completeTask.ts';
import { createActivity } from '../../src/lib/server/activities/createActivity.ts';
import { deleteActivity } from '../../src/lib/server/activities/deleteActivity.ts';
import { listCalendar } from '../../src/lib/server/activities/listCalendar.ts';
import { listWork, type WorkQuery } from '../../src/lib/server/activities/listWork.ts';
import { listWorkCadences } from '../../src/lib/server/activities/listWorkCadences.ts';
import { logCall } from '../../src/lib/server/activities/logCall.ts';
import { rescheduleActivity } from '../../src/lib/server/activities/rescheduleActivity.ts';
import { snoozeReminder } from '../../src/lib/server/activities/snoozeReminder.ts';
import { recordOverdue, remindDue } from '../../src/lib/server/activities/sweepActivities.ts';
import { updateTaskStatus } from '../../src/lib/server/activities/updateTaskStatus.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { activities } from '../../src/lib/server/db/schema/engine.ts';
import { getShell } from '../../src/lib/server/shell/getShell.ts';
import { readLiveEvents } from '../../src/lib/server/notifications/readLiveEvents.ts';
import { makeChannelWorld, queue, responsesTo, type ChannelWorld } from '../support/channelWorld.ts';
import { makeUser, rep } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { call, email, planOf } from '../support/engineWorld.ts';

const plan = planOf([call('call'), email('first')]);

/** A run that made a call or a task, as the engine leaves it. */
async function activityOf(
	db: TestDatabase,
	world: ChannelWorld,
	kind: 'task' | 'call',
	more: Partial<typeof activities.$inferInsert> = {}
) {
	const [run] = await queue(db, world, 'call', [{ to: `${newId()}@people.example` }]);
	await db.admin.execute(sql`delete from messages where id = ${run!.messageId}`);
	const id = run!.actionRunId;
	await db.admin.insert(activities).values({
		orgId: world.orgId,
		id,
		kind,
		recordId: run!.recordId,
		ownerId: world.actor.userId,
		subject: `A ${kind}`,
		status: kind === 'call' ? 'Scheduled' : 'Not started',
		dueAt: new Date(Date.now() + 3_600_000),
		actionRunId: run!.actionRunId,
		enrollmentId: run!.enrollmentId,
		runNo: 1,
		actionId: 'call',
		...more
	});
	return { ...run!, activityId: id };
}
const as = <T>(db: TestDatabase, actor: Actor, fn: (tx: OrgTx) => Promise<T>) =>
	withOrg(db.web, actor.orgId, fn);
const stored = async (db: TestDatabase, id: string) => {
	const [row] = await db.admin.execute(sql`
		select status, result, note, duration_seconds, completed_at is not null as completed, cancelled_by, deleted_at is not null as deleted
		from activities where id = ${id}`);
	return { ...row };
};

test('CRM-9, GRA-6: a call result is a response; a correction is another one, the same result none', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const one = await activityOf(db, world, 'call');
	const log = (result: string) =>
		as(db, world.actor, (tx) =>
			logCall(tx, world.actor, { activityId: one.activityId, result, durationSeconds: 65, note: 'Spoke' })
		);
	await log('Busy');
	await log('Busy');
	await log('Interested');
	expect(await responsesTo(db, one.enrollmentId)).toEqual(['result/Busy', 'result/Interested']);
	expect(await stored(db, one.activityId)).toMatchObject({
		status: 'Completed',
		result: 'Interested',
		duration_seconds: 65,
		completed: true
	});
	await expect(log('Whatever')).rejects.toMatchObject({ code: 'invalid', pointer: '/result' });
});

test('GRA-6: task statuses are responses, the initial one fires nothing, completing is one key', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const one = await activityOf(db, world, 'task');
	const set = (status: string) =>
		as(db, world.actor, (tx) => updateTaskStatus(tx, world.actor, { activityId: one.activityId, status }));
	await set('Not started');
	await set('In progress');
	await as(db, world.actor, (tx) =>
		completeTask(tx, world.actor, { activityId: one.activityId, note: 'Done' })
	);
	await set('Waiting');
	expect(await responsesTo(db, one.enrollmentId)).toEqual([
		'status/In progress',
		'status/Completed',
		'status/Waiting'
	]);
	expect(await stored(db, one.activityId)).toMatchObject({
		status: 'Waiting',
		completed: false,
		note: 'Done'
	});
	await expect(set('Nonsense')).rejects.toMatchObject({ code: 'invalid' });
});

test('EXE-4, REE-3, UNE-4: deleting marks the run, cancelling a call is a response, what the system withdrew is read-only', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const [deleted, cancelled, withdrawn] = [
		await activityOf(db, world, 'task'),
		await activityOf(db, world, 'call'),
		await activityOf(db, world, 'call')
	];
	await as(db, world.actor, (tx) => deleteActivity(tx, world.actor, { activityId: deleted.activityId }));
	expect(await responsesTo(db, deleted.enrollmentId)).toEqual(['failed activity_deleted']);
	expect(await stored(db, deleted.activityId)).toMatchObject({ deleted: true });
	await as(db, world.actor, (tx) => cancelCall(tx, world.actor, { activityId: cancelled.activityId }));
	expect(await responsesTo(db, cancelled.enrollmentId)).toEqual(['cancelled']);
	expect(await stored(db, cancelled.activityId)).toMatchObject({ status: 'Cancelled', cancelled_by: 'user' });
	await db.admin.execute(
		sql`update activities set status = 'Cancelled', cancelled_at = app.now(), cancelled_by = 'system' where id = ${withdrawn.activityId}`
	);
	await expect(
		as(db, world.actor, (tx) =>
			logCall(tx, world.actor, { activityId: withdrawn.activityId, result: 'Busy' })
		)
	).rejects.toMatchObject({ code: 'conflict' });
	const audits = await db.admin.execute(
		sql`select action from audit_entries where org_id = ${world.orgId} and object_type = 'activity' order by at`
	);
	expect(audits.map((row) => row['action'])).toEqual(['activity.delete', 'activity.cancel']);
});

test('PER-3: others see and touch only what their profile allows', async ({ db }) => {
	const world = await makeChannelWorld(db, plan);
	const one = await activityOf(db, world, 'call');
	const stranger = await makeUser(db, world.orgId, rep, 'Rita Rep');
	const reader = await makeUser(
		db,
		world.orgId,
		{
			...rep,
			recordVisibility: 'all',
			defaultModule: { view: true, create: false, edit: false, delete: false }
		},
		'Rob Reader'
	);
	const log = (actor: Actor) =>
		as(db, actor, (tx) => logCall(tx, actor, { activityId: one.activityId, result: 'Busy' }));
	await expect(log(stranger)).rejects.toMatchObject({ code: 'not_found' });
	await expect(log(reader)).rejects.toMatchObject({ code: 'forbidden' });
	await db.admin.execute(
		sql`update activities set owner_id = ${stranger.userId} where id = ${one.activityId}`
	);
	await log(stranger);
	expect(await responsesTo(db, one.enrollmentId)).toEqual(['result/Busy']);
	const other = await makeChannelWorld(db, plan);
	await expect(log(other.actor)).rejects.toMatchObject({ code: 'not_found' });
});

test('CRM-9: the queue shows due and overdue work over all cadences in order, page by page', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const actor = world.actor;
	const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);
	const due = [];
	for (const minutes of [-300, -200, -100, -50, -10])
		due.push((await activityOf(db, world, 'task', { dueAt: at(minutes) })).activityId);
	const later = (await activityOf(db, world, 'call', { dueAt: at(600) })).activityId;
	const [lead] = await db.admin.execute(sql`select id from records where org_id = ${world.orgId} limit 1`);
	const made = await as(db, actor, (tx) =>
		createActivity(tx, actor, { kind: 'task', recordId: String(lead!['id']), subject: 'By hand' })
	);
	const pages: string[] = [];
	for (let after: string | undefined, turn = 0; turn < 5; turn++) {
		const page = await as(db, actor, (tx) => listWork(tx, actor, { limit: 2, ...(after ? { after } : {}) }));
		pages.push(...page.map((item) => item.id));
		after = page.at(-1)?.cursor;
		if (page.length < 2) break;
	}
	expect(pages).toEqual(due);
	const upcoming = await as(db, actor, (tx) => listWork(tx, actor, { scope: 'upcoming' }));
	expect(upcoming.map((item) => item.id)).toEqual([later, made]);
	expect(upcoming[0]).toMatchObject({
		kind: 'call',
		overdue: false,
		cadenceId: world.cadenceId,
		moduleKey: 'leads'
	});
});

test('CRM-9: the queue in order of importance or calls first, narrowed to one cadence, page by page', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const actor = world.actor;
	const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);
	const made: string[] = [];
	for (const [kind, minutes] of [
		['task', -50],
		['call', -40],
		['task', -30],
		['call', -20]
	] as const)
		made.push((await activityOf(db, world, kind, { dueAt: at(minutes) })).activityId);
	await db.admin.execute(sql`update activities set priority = 'High' where id = ${made[2]!}`);
	const [lead] = await db.admin.execute(sql`select id from records where org_id = ${world.orgId} limit 1`);
	const byHand = await as(db, actor, (tx) =>
		createActivity(tx, actor, {
			kind: 'task',
			recordId: String(lead!['id']),
			subject: 'By hand',
			dueAt: at(-60).toISOString()
		})
	);
	const read = async (query: WorkQuery) => {
		const ids: string[] = [];
		for (let after: string | undefined; ;) {
			const page = await as(db, actor, (tx) =>
				listWork(tx, actor, { ...query, limit: 2, ...(after ? { after } : {}) })
			);
			ids.push(...page.map((item) => item.id));
			after = page.at(-1)?.cursor;
			if (page.length < 2) return ids;
		}
	};
	const [a, b, c, d] = made;
	expect(await read({ sort: 'priority' })).toEqual([c, byHand, a, b, d]);
	expect(await read({ sort: 'calls' })).toEqual([b, d, byHand, a, c]);
	expect(await read({ cadenceId: world.cadenceId })).toEqual([a, b, c, d]);
	expect(await as(db, actor, (tx) => listWorkCadences(tx, actor))).toMatchObject([{ id: world.cadenceId }]);
});

test('CRM-9, PER-3: the calendar has my open work by my days, the earliest of each, and says how many there are', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	// Auckland is thirteen hours ahead: an evening in UTC is the next day there.
	const actor = { ...world.actor, timeZone: 'Pacific/Auckland' };
	const make = async (kind: 'task' | 'call', dueAt: string) =>
		(await activityOf(db, world, kind, { dueAt: new Date(dueAt) })).activityId;
	const late = await make('call', '2027-01-05T22:00:00Z');
	const first = await make('task', '2027-01-05T08:00:00Z');
	const second = await make('call', '2027-01-05T09:00:00Z');
	await make('call', '2027-02-01T12:00:00Z');
	const read = (input: Partial<Parameters<typeof listCalendar>[2]> = {}, who = actor) =>
		as(db, who, (tx) => listCalendar(tx, who, { from: '2027-01-01', to: '2027-01-31', perDay: 1, ...input }));
	expect(await read()).toMatchObject([
		{ id: first, day: '2027-01-05', onDay: 2 },
		{ id: late, day: '2027-01-06', onDay: 1 }
	]);
	expect((await read({ perDay: 9 })).map(({ id }) => id)).toEqual([first, second, late]);
	expect((await read({ kind: 'call' })).map(({ id }) => id)).toEqual([second, late]);
	const other = await makeUser(db, world.orgId, rep, 'Rita Rep');
	expect(await read({}, other)).toEqual([]);
	await expect(read({ from: '2026-01-01' })).rejects.toThrow('two months');
	await expect(read({ from: 'soon' })).rejects.toThrow('cannot be read');
});

test('CRM-9: a due call tells its owner once, comes again after a snooze, and a moved one waits', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const actor = world.actor;
	const one = await activityOf(db, world, 'call', {
		dueAt: new Date(Date.now() - 60_000),
		phone: '+15550100',
		description: 'Ask'
	});
	const read = async (since: string | null) => {
		const { at, events, counts } = await as(db, actor, (tx) =>
			readLiveEvents(tx, world.orgId, [actor.userId], since)
		);
		return { at, events: events.map(({ event }) => event), counts: counts.get(actor.userId) };
	};
	const first = await read(null);
	const calls = (events: LiveEvent[]) => events.filter((event) => event.kind === 'callDue');
	const again = await read(first.at);
	expect(calls(again.events)).toEqual([
		expect.objectContaining({
			activityId: one.activityId,
			phone: '+15550100',
			agenda: 'Ask',
			recordLink: `/leads/${one.recordId}`
		})
	]);
	expect(again.counts).toEqual({ due: 1, unread: 1 });
	const unread = async () => {
		const [row] = await db.admin.execute(
			sql`select count(*)::int as n from notifications where org_id = ${world.orgId} and kind = 'call_due'`
		);
		return row!['n'];
	};
	await remindDue(db.worker);
	expect(await unread()).toBe(1);
	await as(db, actor, (tx) => snoozeReminder(tx, actor, { activityId: one.activityId, minutes: 5 }));
	await remindDue(db.worker);
	expect(await unread()).toBe(1);
	await db.admin.execute(
		sql`update activities set snoozed_until = app.now() - interval '1 second' where id = ${one.activityId}`
	);
	await remindDue(db.worker);
	expect(await unread()).toBe(2);
	await as(db, actor, (tx) =>
		rescheduleActivity(tx, actor, { activityId: one.activityId, dueAt: new Date(Date.now() + 3_600_000) })
	);
	await remindDue(db.worker);
	expect(await unread()).toBe(2);
});

test('CRM-9: nobody is reminded of a call on a record in the recycle bin, and it is not counted as due', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const actor = world.actor;
	const { recordId } = await activityOf(db, world, 'call', { dueAt: new Date(Date.now() - 60_000) });
	const bin = (deleted: boolean) =>
		db.admin.execute(sql`
			update records set deleted_at = case when ${deleted} then app.now() end where id = ${recordId}`);
	const read = () =>
		as(db, actor, async (tx) => {
			const { events, counts } = await readLiveEvents(tx, world.orgId, [actor.userId], null);
			const { due } = await getShell(tx, actor);
			return { events: events.length, counts: counts.get(actor.userId), due };
		});
	await bin(true);
	expect(await read()).toEqual({ events: 0, counts: { due: 0, unread: 0 }, due: 0 });
	await bin(false);
	expect(await read()).toMatchObject({ counts: { due: 1 }, due: 1 });
});

test('GRA-6: what is not done in time is overdue once; a call an hour after its start', async ({ db }) => {
	const world = await makeChannelWorld(db, plan);
	const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);
	const task = await activityOf(db, world, 'task', { dueAt: ago(1) });
	const talking = await activityOf(db, world, 'call', { dueAt: ago(20) });
	const missed = await activityOf(db, world, 'call', { dueAt: ago(61) });
	const done = await activityOf(db, world, 'task', { dueAt: ago(99), completedAt: ago(100) });
	await recordOverdue(db.worker);
	await recordOverdue(db.worker);
	const found = await Promise.all(
		[task, talking, missed, done].map((one) => responsesTo(db, one.enrollmentId))
	);
	expect(found).toEqual([['overdue'], [], ['overdue'], []]);
});
