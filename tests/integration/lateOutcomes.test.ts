import { sql } from 'drizzle-orm';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { listDoubtful } from '../../src/lib/server/channels/listDoubtful.ts';
import { sendAgain } from '../../src/lib/server/channels/resolveDoubtful.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { makeChannelWorld, queue, responsesTo, storedMessage } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
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
			attempt: 1,
			quota_day: null
		});
		expect(sink.mails).toEqual([]);
		await held`rollback`;
		await sendMessages(db.worker, 'email');
		expect(await storedMessage(db, one!.messageId)).toMatchObject({ status: 'sent', attempt: 2 });
		expect(sink.mails).toHaveLength(1);
	} finally {
		held.release();
		closeSmtpPools();
		setConfig(undefined);
		await sink.stop();
	}
});
