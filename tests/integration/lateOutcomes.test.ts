import { sql } from 'drizzle-orm';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { listDoubtful } from '../../src/lib/server/channels/listDoubtful.ts';
import { sendAgain } from '../../src/lib/server/channels/resolveDoubtful.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { applyResponses } from '../../src/lib/server/engine/applyResponses.ts';
import { listSuppressions } from '../../src/lib/server/suppressions/listSuppressions.ts';
import {
	makeChannelWorld,
	queue,
	responsesTo,
	storedMessage,
	type ChannelWorld,
	type Queued
} from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { startFaultySmtp } from '../support/faultySmtp.ts';
import { branch, email, planOf } from '../support/engineWorld.ts';
import { startSmtpSink } from '../support/smtpSink.ts';

const plan = planOf([email('first')]);

test('EXE-10: an acceptance heard after the lease ran out ends the doubt over its own hand-over, and no other', async ({
	db
}) => {
	const sink = await startSmtpSink({ delayMs: 1500 });
	try {
		useConfig(db.urls, { SMTP_URL: sink.url });
		const world = await makeChannelWorld(db, plan);
		const [late, again] = await queue(db, world, 'first', [
			{ to: 'late@slow.example' },
			{ to: 'again@slow.example' }
		]);
		const sending = sendMessages(db.worker, 'email');
		await expect.poll(() => sink.mails.length, { timeout: 10_000 }).toBe(2);
		await db.admin.execute(
			sql`update messages set lease_until = clock_timestamp() - interval '1 second' where org_id = ${world.orgId}`
		);
		expect((await sweepMessages(db.worker)).doubtful).toBe(2);
		await withOrg(db.web, world.orgId, (tx) => sendAgain(tx, world.actor, { messageId: again!.messageId }));
		await db.admin.execute(
			sql`update messages set not_before = app.now() + interval '1 hour' where id = ${again!.messageId}`
		);
		await sending;
		expect(await storedMessage(db, late!.messageId)).toMatchObject({ status: 'sent', error_code: null });
		const [stored] = await db.admin.execute(
			sql`select resolution, resolved_by, resolved_at is not null as resolved from messages where id = ${late!.messageId}`
		);
		expect(stored).toEqual({ resolution: 'evidence', resolved_by: null, resolved: true });
		// The run was told when the doubt began.
		expect(await responsesTo(db, late!.enrollmentId)).toEqual(['sent']);
		expect(await storedMessage(db, again!.messageId)).toMatchObject({ status: 'queued' });
		expect(await withOrg(db.web, world.orgId, (tx) => listDoubtful(tx, world.actor))).toEqual([]);
		expect(sink.mails).toHaveLength(2);
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await sink.stop();
	}
});

/** Sends to people whose relay answers only when the lease has run out, and lets that come true. */
async function answeredLate(db: TestDatabase, replies: Record<string, string>, meanwhile?: Meanwhile) {
	const relay = await startFaultySmtp();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url });
		const world = await makeChannelWorld(
			db,
			planOf([email('first', [branch('first', { response: 'replied' }, 'second')]), email('second')])
		);
		const queued = await queue(
			db,
			world,
			'first',
			Object.keys(replies).map((to) => ({ to }))
		);
		for (const [to, late] of Object.entries(replies))
			relay.setFault(to, { at: 'dot', how: { late, afterMs: 1500 } });
		const sending = sendMessages(db.worker, 'email');
		await expect.poll(() => relay.received.length, { timeout: 10_000 }).toBe(queued.length);
		await db.admin.execute(
			sql`update messages set lease_until = clock_timestamp() - interval '1 second' where org_id = ${world.orgId}`
		);
		expect((await sweepMessages(db.worker)).doubtful).toBe(queued.length);
		await applyResponses(db.worker);
		await meanwhile?.(world, queued);
		await sending;
		const places = async () => {
			const [row] = await db.admin.execute<{ n: number }>(
				sql`select coalesce(sum(used), 0)::int as n from email_quotas where org_id = ${world.orgId}`
			);
			return row!.n;
		};
		return { world, queued, places: await places() };
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
}
type Meanwhile = (world: ChannelWorld, queued: Queued[]) => Promise<void>;

const standing = async (db: TestDatabase, { enrollmentId }: Queued) => {
	const [row] = await db.admin.execute<{ status: string; reason: string | null }>(
		sql`select status, end_reason as reason from enrollments where id = ${enrollmentId}`
	);
	return row;
};

test('EXE-10, EXE-11: a permanent refusal heard after the lease ran out ends the doubt, and the run fails with its reason', async ({
	db
}) => {
	const { world, queued, places } = await answeredLate(
		db,
		{
			'gone@late.example': '550 5.1.1 no such user',
			'unwanted@late.example': '554 5.6.0 not this text',
			'again@late.example': '550 5.1.1 no such user'
		},
		async ({ orgId, actor }, [, , again]) => {
			await withOrg(db.web, orgId, (tx) => sendAgain(tx, actor, { messageId: again!.messageId }));
			await db.admin.execute(
				sql`update messages set not_before = app.now() + interval '1 hour' where id = ${again!.messageId}`
			);
		}
	);
	const [gone, unwanted, again] = queued;
	expect(await storedMessage(db, gone!.messageId)).toMatchObject({
		status: 'failed',
		error_code: '550',
		quota_day: null
	});
	// Sent again meanwhile: what is heard of the first attempt says nothing about the second.
	expect(await storedMessage(db, again!.messageId)).toMatchObject({ status: 'queued' });
	// Nobody knows whether the first attempt of that one arrived: it counts.
	expect(places).toBe(1);
	expect(await withOrg(db.web, world.orgId, (tx) => listDoubtful(tx, world.actor))).toEqual([]);
	expect(await responsesTo(db, gone!.enrollmentId)).toEqual(['bounced/hard address_bounced']);
	await applyResponses(db.worker);
	expect(await standing(db, gone!)).toEqual({ status: 'failed', reason: 'address_bounced' });
	expect(await standing(db, unwanted!)).toEqual({ status: 'failed', reason: 'provider_refused' });
	expect(await standing(db, again!)).toEqual({ status: 'active', reason: null });
	const suppressed = await withOrg(db.web, world.orgId, (tx) => listSuppressions(tx, world.actor));
	expect(suppressed.map(({ address }) => address)).toEqual(['gone@late.example']);
});

test('EXE-10: a passing refusal heard after the lease ran out is tried again while its action is current, else it failed', async ({
	db
}) => {
	const busy = '451 4.3.0 come again';
	const { world, queued, places } = await answeredLate(
		db,
		{ 'current@late.example': busy, 'past@late.example': busy, 'sent-on@late.example': busy },
		async (_, [, past, sentOn]) => {
			// ENR-8: by a person, a moment ago.
			await db.admin.execute(
				sql`update enrollments set race = jsonb_set(race, '{timed}', '{"skip/second": 1}') where id = ${sentOn!.enrollmentId}`
			);
			await db.admin.execute(
				sql`update enrollments set race = jsonb_set(race, '{actionId}', '"second"') where id = ${past!.enrollmentId}`
			);
		}
	);
	const [current, past, sentOn] = queued;
	const stored = await storedMessage(db, current!.messageId);
	expect(stored).toMatchObject({ status: 'queued', quota_day: null, attempt: 1 });
	expect(stored.wait_minutes).toBeGreaterThan(0);
	for (const one of [past!, sentOn!])
		expect(await storedMessage(db, one.messageId)).toMatchObject({ status: 'failed', error_text: busy });
	expect(places).toBe(0);
	expect(await withOrg(db.web, world.orgId, (tx) => listDoubtful(tx, world.actor))).toEqual([]);
	expect(await responsesTo(db, past!.enrollmentId)).toEqual([]);
});

test('EXE-10: what was sent again and became doubtful again is listed again', async ({ db }) => {
	const relay = await startFaultySmtp();
	try {
		useConfig(db.urls, { SMTP_URL: relay.url });
		const world = await makeChannelWorld(db, plan);
		const [one] = await queue(db, world, 'first', [{ to: 'twice@doubt.example' }]);
		relay.setFault('twice@doubt.example', { at: 'afterAccept', how: 'close' });
		const listed = () => withOrg(db.web, world.orgId, (tx) => listDoubtful(tx, world.actor));
		await sendMessages(db.worker, 'email');
		expect(await listed()).toHaveLength(1);
		await withOrg(db.web, world.orgId, (tx) => sendAgain(tx, world.actor, { messageId: one!.messageId }));
		expect(await listed()).toEqual([]);
		await sendMessages(db.worker, 'email');
		expect(await storedMessage(db, one!.messageId)).toMatchObject({ status: 'unknown', attempt: 2 });
		expect(await listed()).toHaveLength(1);
	} finally {
		closeSmtpPools();
		setConfig(undefined);
		await relay.stop();
	}
});

test('OPS-2: what was claimed when the database went away is given back at once, not when its lease ends', async ({
	db
}) => {
	const sink = await startSmtpSink();
	const held = await db.admin.$client.reserve();
	try {
		useConfig(db.urls, { SMTP_URL: sink.url });
		const world = await makeChannelWorld(db, plan);
		const [one] = await queue(db, world, 'first', [{ to: 'one@away.example' }]);
		// Preparing waits for the templates, until its connection goes.
		await held`begin`;
		await held`lock table email_templates in access exclusive mode`;
		const failing = expect(sendMessages(db.worker, 'email')).rejects.toThrow();
		const cut = async () => {
			const rows = await held`
				select pg_terminate_backend(pid) from pg_stat_activity
				where datname = current_database() and application_name = 'test-worker' and wait_event_type = 'Lock'`;
			return rows.length;
		};
		await expect.poll(cut, { timeout: 10_000 }).toBe(1);
		await failing;
		expect(await storedMessage(db, one!.messageId)).toMatchObject({
			status: 'queued',
			attempt: 0,
			quota_day: null
		});
		expect(sink.mails).toEqual([]);
		await held`rollback`;
		await sendMessages(db.worker, 'email');
		expect(await storedMessage(db, one!.messageId)).toMatchObject({ status: 'sent', attempt: 1 });
		expect(sink.mails).toHaveLength(1);
	} finally {
		held.release();
		closeSmtpPools();
		setConfig(undefined);
		await sink.stop();
	}
});
