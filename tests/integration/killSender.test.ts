import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { sendMessages, unwrittenPerLine } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { listDoubtful } from '../../src/lib/server/channels/listDoubtful.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { judge } from '../faults/judge.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { testEnvironment, useConfig } from '../support/config.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { readSinkLog } from '../support/sinkLog.ts';
import { startSink } from '../support/startSink.ts';

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
	const sink = await startSink({ delayMs: 10 });
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
		for (let kills = 0; kills < KILLS; kills++) {
			const child = await startSender(db, sink.url);
			const from = sink.received();
			while (sink.received() < from + 20 && sink.received() < MAILS) await sleep(2);
			await kill(child);
			sink.noteKill(child.pid!);
			// The server may still be committing what the dead client asked for.
			await sleep(100);
			await expireLeases(db);
			await sweepMessages(db.worker);
		}
		await sendMessages(db.worker, 'email');
		await expireLeases(db);
		await sweepMessages(db.worker);
		await sendMessages(db.worker, 'email');

		await sink.stop();
		const verdict = await judge(db.admin.$client, world.orgId, readSinkLog(sink.logFile));
		expect(verdict).toMatchObject({
			mails: MAILS,
			kills: KILLS,
			lost: 0,
			duplicated: 0,
			unexplained: 0,
			stuckMessages: 0,
			invariants: { I1: 0, I2: 0, I3: 0, I4: 0, I5: 0, I6: 0, I7: 0, I8: 0, I9: 0 }
		});
		const { delivered, doubtful, inFlightAtKills } = verdict;
		expect(delivered + doubtful).toBe(MAILS);
		expect(doubtful).toBeLessThanOrEqual(inFlightAtKills);
		expect(doubtful).toBeLessThanOrEqual(KILLS * LINES * unwrittenPerLine);
		const listed = await withOrg(db.web, world.orgId, (tx) => listDoubtful(tx, world.actor));
		expect(listed).toHaveLength(doubtful);
		// The engine is told of each exactly once.
		const told = await db.admin.execute(sql`
			select m.id from messages m where m.org_id = ${world.orgId} and 1 <> (
				select count(*) from responses r where r.enrollment_id = m.enrollment_id and r.kind = 'sent')`);
		expect([...told]).toEqual([]);
		const [quota] = await db.admin.execute(sql`select used from email_quotas where org_id = ${world.orgId}`);
		expect(quota!['used']).toBe(MAILS);
	} finally {
		setConfig(undefined);
		closeSmtpPools();
		await sink.remove();
	}
}, 90_000);
