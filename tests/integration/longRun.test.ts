import { sql } from 'drizzle-orm';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { makeChannelWorld, queue, storedMessage } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { startFaultySmtp } from '../support/faultySmtp.ts';

const plan = planOf([email('first')]);

test('EXE-11: whose pause is over is tried again, also while a run that saw the refusal has never been idle since', async ({
	db
}) => {
	const relay = await startFaultySmtp();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url });
		const paused = await makeChannelWorld(db, plan);
		const busy = await makeChannelWorld(db, plan);
		const [one] = await queue(db, paused, 'first', [{ to: 'one@paused.example' }]);
		relay.setFault('one@paused.example', { at: 'rcpt', how: { reply: '550 5.7.1 sender not allowed' } });
		const others = Array.from({ length: 14 }, (_, i) => ({ to: `busy${i}@x.example` }));
		for (const { to } of others)
			relay.setFault(to, { at: 'dot', how: { late: '250 2.0.0 queued', afterMs: 150 } });
		const behind = await queue(db, busy, 'first', others);
		await db.admin.execute(
			sql`update messages set not_before = app.now() - interval '1 hour' where id = ${one!.messageId}`
		);
		const run = sendMessages(db.worker, 'email', { concurrency: 1, batch: 2 });
		await expect
			.poll(async () => (await storedMessage(db, one!.messageId)).wait_reason, { interval: 20 })
			.toBe('sender');
		relay.setFault('one@paused.example', { at: 'dot', how: { reply: '250 2.0.0 queued' } });
		await db.admin.execute(
			sql`update senders set paused_until = app.now() - interval '1 second' where id = ${paused.senderId}`
		);
		await db.admin.execute(
			sql`update messages set not_before = app.now() - interval '1 hour' where id = ${one!.messageId}`
		);
		await run;
		expect(await storedMessage(db, one!.messageId)).toMatchObject({ status: 'sent', attempt: 2 });
		for (const { messageId } of behind) expect((await storedMessage(db, messageId)).status).toBe('sent');
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
});

test('E16: over what processes have died before, nothing is in hand but itself, however slowly its relay answers', async ({
	db
}) => {
	const relay = await startFaultySmtp();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url });
		const world = await makeChannelWorld(db, plan);
		const people = Array.from({ length: 3 }, (_, i) => ({ to: `suspect${i}@x.example` }));
		for (const { to } of people)
			relay.setFault(to, { at: 'dot', how: { late: '250 2.0.0 queued', afterMs: 400 } });
		const queued = await queue(db, world, 'first', people);
		await db.admin.execute(sql`update messages set crashes = 3 where org_id = ${world.orgId}`);
		const run = sendMessages(db.worker, 'email');
		let most = 0;
		let sent = 0;
		while (sent < queued.length) {
			const [row] = await db.admin.execute<{ held: number; sent: number }>(sql`
				select count(*) filter (where status in ('claimed', 'sending'))::int as held, count(*) filter (where status = 'sent')::int as sent
				from messages where org_id = ${world.orgId}`);
			most = Math.max(most, row!.held);
			sent = row!.sent;
			await new Promise((done) => setTimeout(done, 20));
		}
		await run;
		expect(most).toBe(1);
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
});

test('EXE-11: claims that were given back untried do not make the next try wait longer', async ({ db }) => {
	const relay = await startFaultySmtp();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url });
		const world = await makeChannelWorld(db, plan);
		const [refused, ...others] = await queue(
			db,
			world,
			'first',
			['refused', 'other1', 'other2'].map((name) => ({ to: `${name}@x.example` }))
		);
		relay.setGlobal({ at: 'mail', how: { reply: '550 5.7.1 sender not allowed' } });
		const again = () =>
			db.admin.execute(sql`
				with s as (update senders set status = 'active', failures = 0, paused_until = null where org_id = ${world.orgId})
				update messages set not_before = app.now() where org_id = ${world.orgId} and status = 'queued'`);
		// One is refused each time, for its sender's sake; the others are put off without a try.
		for (let i = 0; i < 4; i++) {
			await sendMessages(db.worker, 'email', { concurrency: 1 });
			await again();
		}
		const tries = await Promise.all(
			[refused!, ...others].map(({ messageId }) => storedMessage(db, messageId))
		);
		expect(tries.reduce((sum, { attempt }) => sum + attempt, 0)).toBe(4);
		relay.setGlobal({ at: 'mail', how: { reply: '451 4.3.0 later' } });
		const fresh = tries.toSorted((a, b) => a.attempt - b.attempt)[0]!;
		await sendMessages(db.worker, 'email', { concurrency: 1 });
		const { wait_minutes: minutes, attempt } = await storedMessage(db, fresh.id);
		expect(attempt).toBe(1);
		expect(minutes).toBeLessThan(1.3);
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
});

test('EXE-10, OPS-2: a process that is asked to stop gives back what it has not begun while what has begun still waits for its answer', async ({
	db
}) => {
	const relay = await startFaultySmtp();
	const stop = new AbortController();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url });
		const world = await makeChannelWorld(db, plan);
		const people = Array.from({ length: 20 }, (_, i) => ({ to: `stops${i}@x.example` }));
		for (const { to } of people)
			relay.setFault(to, { at: 'dot', how: { late: '250 2.0.0 queued', afterMs: 3000 } });
		await queue(db, world, 'first', people);
		const run = sendMessages(db.worker, 'email', { concurrency: 2, signal: stop.signal });
		await expect.poll(() => relay.received.length, { timeout: 10_000 }).toBe(2);
		stop.abort();
		const states = async () => {
			const rows = await db.admin.execute<{
				status: string;
				n: number;
				attempts: number;
				places: number;
			}>(sql`
				select status, count(*)::int as n, max(attempt) as attempts, count(quota_day)::int as places from messages
				where org_id = ${world.orgId} group by 1 order by 1`);
			return rows.map((row) => ({ ...row }));
		};
		const left = { status: 'queued', n: 18, attempts: 0, places: 0 };
		await expect
			.poll(states, { timeout: 2_500, interval: 50 })
			.toEqual([left, { status: 'sending', n: 2, attempts: 1, places: 2 }]);
		expect(await run).toEqual({ handled: 20 });
		expect(await states()).toEqual([left, { status: 'sent', n: 2, attempts: 1, places: 2 }]);
		const [quota] = await db.admin.execute(sql`select used from email_quotas where org_id = ${world.orgId}`);
		expect(quota!['used']).toBe(2);
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
});
