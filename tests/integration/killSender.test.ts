import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { sendMessages, unwrittenPerLine } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { testEnvironment, useConfig } from '../support/config.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { startSmtpSink } from '../support/smtpSink.ts';

const MAILS = 240;
const KILLS = 3;
/** Lines of a sender process. */
const LINES = 8;

const startSender = (db: TestDatabase, smtpUrl: string): Promise<ChildProcess> =>
	new Promise((resolve, reject) => {
		const child = fork(new URL('../support/senderProcess.ts', import.meta.url), {
			env: { ...process.env, ...testEnvironment(db.urls, { SMTP_URL: smtpUrl }) },
			execArgv: [],
			stdio: ['ignore', 'ignore', 'inherit', 'ipc']
		});
		child.once('error', reject);
		child.once('message', () => resolve(child));
	});

const kill = (child: ChildProcess): Promise<void> =>
	new Promise((done) => {
		child.once('exit', () => done());
		child.kill('SIGKILL');
	});

/** What a dead process leaves is found by the age of its lease: here nobody waits for it. */
const expireLeases = (db: TestDatabase) =>
	db.admin.execute(
		sql`update messages set lease_until = clock_timestamp() - interval '1 second' where status in ('claimed', 'sending')`
	);

test('E1 short: a sender killed in the middle of sending: nobody twice, nobody forgotten, doubtful sends listed', async ({
	db
}) => {
	const folder = await mkdtemp(join(tmpdir(), 'cadenza-sink-'));
	const logFile = join(folder, 'sink.jsonl');
	const sink = await startSmtpSink({ logFile, delayMs: 10 });
	try {
		useConfig(db.urls, { SMTP_URL: sink.url });
		const world = await makeChannelWorld(db, planOf([email('first')]));
		await db.admin.execute(sql`update organizations set emails_per_day = 100000 where id = ${world.orgId}`);
		await queue(
			db,
			world,
			'first',
			Array.from({ length: MAILS }, (_, i) => ({ to: `k${i}@people.example` }))
		);
		let kills = 0;
		for (; kills < KILLS; kills++) {
			const child = await startSender(db, sink.url);
			const from = sink.mails.length;
			while (sink.mails.length < from + 20 && sink.mails.length < MAILS) await sleep(2);
			await kill(child);
			// The server may still be committing what the dead client asked for.
			await sleep(100);
			await expireLeases(db);
			await sweepMessages(db.worker);
		}
		await sendMessages(db.worker, 'email');
		await expireLeases(db);
		await sweepMessages(db.worker);
		await sendMessages(db.worker, 'email');

		// The judge reads the sink's log and the table, nothing else.
		const log = (await readFile(logFile, 'utf8'))
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as { messageId: string; to: string[] });
		const seen = new Map<string, number>();
		for (const { messageId } of log) seen.set(messageId, (seen.get(messageId) ?? 0) + 1);
		const rows = await db.admin.execute<{ id: string; rfc: string; status: string; sent: number }>(sql`
			select m.id, m.rfc_message_id as rfc, m.status,
				(select count(*)::int from responses r where r.enrollment_id = m.enrollment_id and r.kind = 'sent') as sent
			from messages m where m.org_id = ${world.orgId}`);
		expect([...seen.values()].filter((count) => count > 1)).toEqual([]);
		const ours = new Set(rows.map((row) => row.rfc));
		expect(log.filter(({ messageId }) => !ours.has(messageId))).toEqual([]);
		expect(rows.filter((row) => row.status === 'sent' && !seen.has(row.rfc))).toEqual([]);
		expect(rows.filter((row) => row.status !== 'sent' && row.status !== 'unknown')).toEqual([]);
		expect(rows.filter((row) => row.sent !== 1)).toEqual([]);
		const doubtful = rows.filter((row) => row.status === 'unknown').length;
		expect(doubtful).toBeLessThanOrEqual(kills * LINES * unwrittenPerLine);
		expect(rows.filter((row) => row.status === 'sent').length + doubtful).toBe(MAILS);
		const [quota] = await db.admin.execute(sql`select used from email_quotas where org_id = ${world.orgId}`);
		expect(quota!['used']).toBe(MAILS);
	} finally {
		setConfig(undefined);
		closeSmtpPools();
		await sink.stop();
		await rm(folder, { recursive: true, force: true });
	}
}, 90_000);
