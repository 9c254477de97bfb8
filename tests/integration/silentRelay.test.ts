import { sql } from 'drizzle-orm';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { classifyFailure } from '../../src/lib/server/channels/email/classify.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { SmtpOpenError, SmtpSession } from '../../src/lib/server/channels/email/smtpSession.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { emailRelays } from '../../src/lib/server/db/schema/channels.ts';
import { makeChannelWorld, queue, storedMessage } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { startFaultySmtp, type SmtpFault } from '../support/faultySmtp.ts';

const plan = planOf([email('first')]);
const people = (n: number, name: string) =>
	Array.from({ length: n }, (_, i) => ({ to: `${name}${i}@x.example` }));

test('RELIABILITY 2.3, 2.6: a relay that says nothing is given up within the lease, tried again before the 354 and doubtful after the dot', async () => {
	const relay = await startFaultySmtp();
	try {
		const session = () =>
			new SmtpSession({
				key: 'silent',
				host: '127.0.0.1',
				address: '127.0.0.1',
				port: Number(new URL(relay.url).port),
				security: 'none',
				auth: null,
				clientName: 'client.example',
				patience: { openMs: 200, envelopeMs: 200, answerMs: 300 }
			});
		const meet = async (at: SmtpFault['at']) => {
			relay.setGlobal({ at, how: 'stall' });
			const one = session();
			await one.open(null);
			const begin = () => Promise.resolve(true);
			const raw = Buffer.from('Subject: x\r\n\r\nx\r\n');
			const result = await one.deliver({ from: 'a@x.example', to: 'b@x.example', raw, begin });
			return !result.ok && !result.claimLost
				? [result.phase, classifyFailure(result.failure, result.phase), one.usable]
				: result;
		};
		for (const at of ['mail', 'rcpt', 'data'] as const)
			expect([at, await meet(at)]).toEqual([at, ['envelope', 'retry', false]]);
		expect(await meet('dot')).toEqual(['data', 'doubtful', false]);
		for (const at of ['connect', 'ehlo'] as const) {
			relay.setGlobal({ at, how: 'stall' });
			const refused: unknown = await session()
				.open(null)
				.catch((error: unknown) => error);
			expect(refused).toBeInstanceOf(SmtpOpenError);
			expect(classifyFailure((refused as SmtpOpenError).failure, 'connect')).toBe('retry');
		}
	} finally {
		await relay.stop();
	}
});

test('EXE-2, RELIABILITY 2.6: who hands over to a silent relay keeps neither the others waiting nor what it has claimed', async ({
	db
}) => {
	const silent = await startFaultySmtp();
	const relay = await startFaultySmtp();
	const stop = new AbortController();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url, ALLOW_PRIVATE_HOSTS: 'true' });
		const stuck = await makeChannelWorld(db, plan);
		const other = await makeChannelWorld(db, plan);
		await db.admin.insert(emailRelays).values({
			orgId: stuck.orgId,
			id: newId(),
			host: '127.0.0.1',
			port: Number(new URL(silent.url).port),
			security: 'none',
			username: ''
		});
		const first = people(30, 'stuck');
		for (const { to } of first) silent.setFault(to, { at: 'dot', how: 'stall' });
		await queue(db, stuck, 'first', first);
		const run = sendMessages(db.worker, 'email', {
			concurrency: 4,
			batch: 20,
			stuckAfterMs: 300,
			signal: stop.signal
		});
		await expect.poll(() => silent.received.length, { timeout: 10_000 }).toBe(4);
		// Comes when every line is in the hands of the silent relay, behind what that one still has before it.
		const later = await queue(db, other, 'first', people(10, 'later'));
		for (const { messageId } of later)
			await expect
				.poll(async () => (await storedMessage(db, messageId)).status, { timeout: 10_000 })
				.toBe('sent');
		const held = async () => {
			const [row] = await db.admin.execute(sql`
				select count(*) filter (where status = 'sending')::int as sending, count(*) filter (where status = 'queued')::int as queued
				from messages where org_id = ${stuck.orgId}`);
			return { ...row };
		};
		await expect.poll(held, { timeout: 10_000 }).toEqual({ sending: 4, queued: 26 });
		stop.abort();
		await silent.stop();
		await run;
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
});

test('EXE-11, RELIABILITY 2.6: a relay whose password cannot be read any more pauses its senders and keeps no other organization from sending', async ({
	db
}) => {
	const relay = await startFaultySmtp();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url });
		const unreadable = await makeChannelWorld(db, plan);
		const other = await makeChannelWorld(db, plan);
		// Sealed with a key that nobody has any more.
		await db.admin.insert(emailRelays).values({
			orgId: unreadable.orgId,
			id: newId(),
			host: '127.0.0.1',
			port: 25,
			security: 'none',
			username: 'user',
			passwordSealed: 'k9.bm8.bm8.bm8'
		});
		const [one] = await queue(db, unreadable, 'first', people(1, 'unreadable'));
		const others = await queue(db, other, 'first', people(3, 'other'));
		await sendMessages(db.worker, 'email');
		for (const { messageId } of others) expect((await storedMessage(db, messageId)).status).toBe('sent');
		expect(await storedMessage(db, one!.messageId)).toMatchObject({
			status: 'queued',
			wait_reason: 'sender'
		});
		const [sender] = await db.admin.execute(
			sql`select status, paused_reason from senders where id = ${unreadable.senderId}`
		);
		expect(sender).toMatchObject({ status: 'paused' });
		expect(String(sender!['paused_reason'])).toContain('Enter it again');
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
});
