import { sql } from 'drizzle-orm';
import { afterAll, beforeAll } from 'vitest';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { makeChannelWorld, queue, responsesTo, storedMessage } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { startFaultySmtp, type FaultySmtp, type SmtpFault } from '../support/faultySmtp.ts';
import { outcomeOf, smtpCases, type SmtpClass } from '../support/smtpCases.ts';

const plan = planOf([email('first')]);
let relay: FaultySmtp;
let pipelined: FaultySmtp;
beforeAll(async () => {
	relay = await startFaultySmtp();
	pipelined = await startFaultySmtp({ pipelining: true });
});
afterAll(async () => {
	setConfig(undefined);
	closeSmtpPools();
	await relay.stop();
	await pipelined.stop();
});

/** Those a recipient can meet at once; the others are the campaign's (tests/faults/E15.ts). */
const cases = smtpCases.flatMap(([at, how, kind]): [SmtpFault['at'], SmtpFault['how'], SmtpClass][] =>
	['rcpt', 'data', 'body', 'dot', 'afterAccept'].includes(at) && how !== 'stall'
		? [[at as SmtpFault['at'], how, kind]]
		: []
);

for (const pipelining of [false, true])
	test(`E15 short: every answer and break of the dialogue has its class, neighbours are served${pipelining ? ', pipelined' : ''}`, async ({
		db
	}) => {
		const server = pipelining ? pipelined : relay;
		useConfig(db.urls, { SMTP_URL: server.url });
		const world = await makeChannelWorld(db, plan);
		const used = async () => {
			const [row] = await db.admin.execute(sql`select used from email_quotas where org_id = ${world.orgId}`);
			return Number(row?.['used'] ?? 0);
		};
		for (const [i, [at, how, kind]] of cases.entries()) {
			const to = `case${i}@faulty.example`;
			server.setFault(to, { at, how });
			const [one, neighbour] = await queue(db, world, 'first', [
				{ to },
				{ to: `neighbour${i}@faulty.example` }
			]);
			const [mails, quota] = [server.received.length, await used()];
			await sendMessages(db.worker, 'email', { concurrency: 2 });
			const { status, wait_reason } = await storedMessage(db, one!.messageId);
			const found = { status, wait_reason, responses: await responsesTo(db, one!.enrollmentId) };
			expect([at, how, found]).toEqual([at, how, outcomeOf[kind]]);
			expect((await storedMessage(db, neighbour!.messageId)).status).toBe('sent');
			const copies = server.received.slice(mails).filter((mail) => mail.to === to && mail.accepted);
			expect(copies.length).toBeLessThanOrEqual(1);
			const [suppressed] = await db.admin.execute(
				sql`select count(*)::int as n from suppressions where org_id = ${world.orgId} and address = ${to}`
			);
			expect(suppressed!['n']).toBe(kind === 'hard' ? 1 : 0);
			const taken = kind === 'doubtful' || kind === 'sent';
			expect([kind, (await used()) - quota]).toEqual([kind, taken ? 2 : 1]);
			await db.admin.execute(
				sql`update messages set status = 'cancelled' where org_id = ${world.orgId} and status = 'queued'`
			);
			await db.admin.execute(
				sql`update senders set status = 'active', failures = 0, paused_until = null where id = ${world.senderId}`
			);
		}
		closeSmtpPools();
	});

test('E15 short, EXE-10: a line that goes while the 354 is being written down leaves nothing behind as sent', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: relay.url });
	const world = await makeChannelWorld(db, plan);
	const to = 'go@faulty.example';
	relay.setFault(to, { at: 'go', how: 'close' });
	const [one, neighbour] = await queue(db, world, 'first', [{ to }, { to: 'stays@faulty.example' }]);
	await db.admin.execute(sql`
		create function slow_mark() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return new; end $$`);
	await db.admin.execute(sql`
		create trigger slow_mark before update on messages for each row
			when (new.status = 'sending' and old.status = 'claimed' and new.to_address = 'go@faulty.example') execute function slow_mark()`);
	const mails = relay.received.length;
	await sendMessages(db.worker, 'email', { concurrency: 2 });
	await db.admin.execute(sql`drop function slow_mark() cascade`);
	expect(await storedMessage(db, one!.messageId)).toMatchObject({ status: 'queued', wait_reason: 'relay' });
	expect(await responsesTo(db, one!.enrollmentId)).toEqual([]);
	expect((await storedMessage(db, neighbour!.messageId)).status).toBe('sent');
	expect(relay.received.slice(mails).map((mail) => mail.to)).toEqual(['stays@faulty.example']);
	closeSmtpPools();
});

test('EXE-11: what blames the sender pauses the sender, fails no run, and one message tries whether it is over', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: relay.url });
	relay.setGlobal({ at: 'mail', how: { reply: '550 5.7.1 sender not allowed' } });
	const world = await makeChannelWorld(db, plan);
	const people = Array.from({ length: 12 }, (_, i) => ({ to: `paused${i}@faulty.example` }));
	const queued = await queue(db, world, 'first', people);
	await sendMessages(db.worker, 'email', { concurrency: 2 });
	const senderOf = async () => {
		const [row] = await db.admin.execute(
			sql`select status, failures, paused_until > app.now() as waiting from senders where id = ${world.senderId}`
		);
		return { ...row };
	};
	expect(await senderOf()).toEqual({ status: 'paused', failures: 1, waiting: true });
	for (const { messageId, enrollmentId } of queued) {
		expect((await storedMessage(db, messageId)).status).toBe('queued');
		expect(await responsesTo(db, enrollmentId)).toEqual([]);
	}
	const overdue = async () => {
		await db.admin.execute(
			sql`update senders set paused_until = app.now() - interval '1 second' where id = ${world.senderId}`
		);
		await db.admin.execute(sql`update messages set not_before = app.now() where org_id = ${world.orgId}`);
	};
	await overdue();
	const before = relay.connections;
	await sendMessages(db.worker, 'email', { concurrency: 1 });
	expect(await senderOf()).toEqual({ status: 'paused', failures: 2, waiting: true });
	expect(relay.connections - before).toBeLessThanOrEqual(1);
	relay.setGlobal(null);
	await overdue();
	await sendMessages(db.worker, 'email');
	expect(await senderOf()).toMatchObject({ status: 'active', failures: 0 });
	await overdue();
	await sendMessages(db.worker, 'email');
	for (const { messageId } of queued) expect((await storedMessage(db, messageId)).status).toBe('sent');
	closeSmtpPools();
});

test('RELIABILITY 2.6: a relay that is away makes messages wait with back-off, and after 48 hours a soft bounce (EXE-11)', async ({
	db
}) => {
	useConfig(db.urls, { SMTP_URL: 'smtp://127.0.0.1:1' });
	const world = await makeChannelWorld(db, plan);
	const [one] = await queue(db, world, 'first', [{ to: 'far@faulty.example' }]);
	const waits: number[] = [];
	for (let attempt = 0; attempt < 6; attempt++) {
		await sendMessages(db.worker, 'email');
		const stored = await storedMessage(db, one!.messageId);
		expect(stored).toMatchObject({ status: 'queued', wait_reason: 'relay', quota_day: null });
		waits.push(stored.wait_minutes);
		await db.admin.execute(sql`update messages set not_before = app.now() where id = ${one!.messageId}`);
	}
	for (const [i, base] of [1, 5, 15, 60, 240, 240].entries()) {
		expect(waits[i]).toBeGreaterThan(base * 0.79);
		expect(waits[i]).toBeLessThan(base * 1.21);
	}
	await db.admin.execute(
		sql`update messages set deferred_at = app.now() - interval '49 hours' where id = ${one!.messageId}`
	);
	await sendMessages(db.worker, 'email');
	expect(await responsesTo(db, one!.enrollmentId)).toEqual(['bounced/soft provider_refused']);
});

test('RELIABILITY 2.2: leases that ran out: a claim goes back, a send is doubtful and counts as sent, a crasher is set aside', async ({
	db
}) => {
	const world = await makeChannelWorld(db, plan);
	const [claimed, sending, crasher, alive] = await queue(
		db,
		world,
		'first',
		[1, 2, 3, 4].map((n) => ({ to: `lease${n}@x.example` }))
	);
	const hold = (id: string, status: string, crashes: number, lease: string) =>
		db.admin
			.execute(sql`update messages set status = ${status}, claim = app.new_id(), attempt = 1, crashes = ${crashes},
			quota_day = current_date, lease_until = clock_timestamp() + ${lease}::interval where id = ${id}`);
	await db.admin.execute(
		sql`insert into email_quotas (org_id, day, used) values (${world.orgId}, current_date, 4)`
	);
	await hold(claimed!.messageId, 'claimed', 0, '-1 second');
	await hold(sending!.messageId, 'sending', 0, '-1 second');
	await hold(crasher!.messageId, 'claimed', 4, '-1 second');
	await hold(alive!.messageId, 'sending', 0, '1 minute');
	expect(await sweepMessages(db.worker)).toEqual({ requeued: 1, doubtful: 1, setAside: 1 });
	expect(await sweepMessages(db.worker)).toEqual({ requeued: 0, doubtful: 0, setAside: 0 });
	expect((await storedMessage(db, claimed!.messageId)).status).toBe('queued');
	expect((await storedMessage(db, sending!.messageId)).status).toBe('unknown');
	expect(await responsesTo(db, sending!.enrollmentId)).toEqual(['sent']);
	expect(await responsesTo(db, crasher!.enrollmentId)).toEqual(['failed provider_refused']);
	expect((await storedMessage(db, alive!.messageId)).status).toBe('sending');
	const [quota] = await db.admin.execute(sql`select used from email_quotas where org_id = ${world.orgId}`);
	expect(quota!['used']).toBe(2);
});
