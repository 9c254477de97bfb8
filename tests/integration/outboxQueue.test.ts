import { sql } from 'drizzle-orm';
import { claimMessages } from '../../src/lib/server/channels/claimMessages.ts';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { claimWebhooks } from '../../src/lib/server/channels/webhook/claimWebhooks.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { expect, test } from '../support/db.ts';
import { email, makeWorld, planOf } from '../support/engineWorld.ts';
import { queueHooks } from '../support/webhookRuns.ts';

const plan = planOf([email('first')]);
const people = (n: number, name: string) =>
	Array.from({ length: n }, (_, i) => ({ to: `${name}${i}@x.example` }));

test('EXE-2, VER-2: a cadence that is being published holds up its own messages alone, however many come before', async ({
	db
}) => {
	const busy = await makeChannelWorld(db, plan);
	const other = await makeChannelWorld(db, plan);
	await queue(db, busy, 'first', people(12, 'busy'));
	const behind = await queue(db, other, 'first', people(3, 'behind'));
	await db.admin.execute(sql`
		update messages set not_before = not_before - interval '1 hour' where cadence_id = ${busy.cadenceId}`);
	const claimed = await db.admin.transaction(async (publish) => {
		await publish.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${busy.cadenceId}::uuid))`);
		const first = await claimMessages(db.worker, 'email', 5);
		const second = await claimMessages(db.worker, 'email', 5);
		return { first, second };
	});
	expect(claimed.first.messages.map((one) => one.id).toSorted()).toEqual(
		behind.map((one) => one.messageId).toSorted()
	);
	expect([claimed.first.blocked, claimed.second]).toEqual([
		true,
		{ messages: [], seen: 0, blocked: true, suspect: false }
	]);
	expect((await claimMessages(db.worker, 'email', 20)).messages).toHaveLength(12);
});

test('GRA-8, VER-2: webhooks too pass by a cadence that is being published', async ({ db }) => {
	const world = await makeWorld(db);
	const busy = await queueHooks(db, world, 'https://one.example/in', 6);
	const other = await queueHooks(db, world, 'https://two.example/in', 2);
	await db.admin.execute(sql`
		update webhook_calls set not_before = not_before - interval '1 hour' where cadence_id = ${busy.cadenceId}`);
	const claim = await db.admin.transaction(async (publish) => {
		await publish.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${busy.cadenceId}::uuid))`);
		return claimWebhooks(db.worker, { limit: 4, underWay: new Map(), perReceiver: 8 });
	});
	expect(claim.calls.map((call) => call.recordId).toSorted()).toEqual(other.ids.toSorted());
	expect(claim.blocked).toBe(true);
});

/** What waits, in the order in which it will be taken. */
const waiting = (orgId: string) => sql`
	select row_number() over (order by not_before, id) as place, to_address, wait_reason, not_before > app.now() as later
	from messages where org_id = ${orgId}::uuid and status = 'queued'`;

test('EXE-6: a queue far longer than the daily limit is put off in parts, in due order, and the claim comes to an end', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	await db.admin.execute(sql`update organizations set emails_per_day = 3 where id = ${world.orgId}`);
	const [one] = await queue(db, world, 'first', people(1, 'model'));
	await db.admin.execute(sql`
		insert into messages (org_id, id, channel, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id, template_id,
			sender_id, to_address, not_before)
		select m.org_id, app.new_id(), m.channel, app.new_id(), m.enrollment_id, m.run_no, m.action_id, m.cadence_id, m.record_id,
			m.template_id, m.sender_id, lpad(i::text, 5, '0') || '@x.example', app.now() - interval '1 hour' + i * interval '1 ms'
		from messages m, generate_series(1, 11000) i where m.id = ${one!.messageId}::uuid`);
	const sets: number[] = [];
	let claims = 0;
	for (
		let claim = await claimMessages(db.worker, 'email', 50);
		claim.seen;
		claim = await claimMessages(db.worker, 'email', 50)
	) {
		sets.push(claim.messages.length);
		if (++claims > 10) break;
	}
	expect(sets.reduce((sum, n) => sum + n, 0)).toBe(3);
	// As many statements as parts, none for all of them.
	expect(claims).toBe(3);
	const [left] = await db.admin.execute(sql`
		select count(*)::int as n, bool_and(w.later and w.wait_reason = 'limit') as later,
			bool_and(w.place = case when w.to_address = 'model0@x.example' then 10998 else left(w.to_address, 5)::int - 3 end) as ordered
		from (${waiting(world.orgId)}) w`);
	expect({ ...left }).toEqual({ n: 10_998, later: true, ordered: true });
});

test('EXE-2: while somebody holds all that is due, the outbox comes back in a second instead of asking again and again', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const held = await queue(db, world, 'first', people(3, 'held'));
	await db.admin.execute(sql`update messages set not_before = '9999-12-31' where org_id <> ${world.orgId}`);
	await db.admin.transaction(async (unenroll) => {
		await unenroll.execute(sql`select 1 from messages where org_id = ${world.orgId} for update`);
		expect(await claimMessages(db.worker, 'email', 5)).toEqual({
			messages: [],
			seen: 0,
			blocked: true,
			suspect: false
		});
		expect(await sendMessages(db.worker, 'email')).toEqual({ handled: 0 });
	});
	const [later] = await db.admin.execute(sql`
		select extract(epoch from run_at - now())::float8 as seconds from graphile_worker._private_jobs where key = 'sendMessages:email:later'`);
	expect(later!['seconds']).toBeLessThan(2);
	expect((await claimMessages(db.worker, 'email', 5)).messages).toHaveLength(held.length);
});
