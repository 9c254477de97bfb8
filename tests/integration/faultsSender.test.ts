import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { judge } from '../faults/judge.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { testEnvironment, useConfig } from '../support/config.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { readSinkLog } from '../support/sinkLog.ts';
import { startSink } from '../support/startSink.ts';

/** Around the point of no return, and how many messages nobody can know about then. */
const points: Record<string, number> = { 'mail.354': 0, 'mail.marked': 1, 'mail.250': 1 };

/** A process that sends one message after the other until it dies at its failpoint. */
const dieAt = (db: TestDatabase, smtpUrl: string, point: string) =>
	new Promise<NodeJS.Signals | null>((done, failed) => {
		const child = fork(new URL('../support/senderProcess.ts', import.meta.url), {
			env: {
				...process.env,
				...testEnvironment(db.urls, { SMTP_URL: smtpUrl }),
				FAILPOINT: `${point}:1`,
				SENDER_LINES: '1'
			},
			execArgv: [],
			stdio: ['ignore', 'ignore', 'inherit', 'ipc']
		});
		child.once('error', failed);
		child.once('exit', (_, signal) => done(signal));
	});

test('E2 short: a sender that dies around 354: doubtful only between it and the outcome, nobody twice, nobody forgotten', async ({
	db
}) => {
	const sink = await startSink();
	try {
		useConfig(db.urls, { SMTP_URL: sink.url });
		const world = await makeChannelWorld(db, planOf([email('first')]));
		const people = Object.keys(points).map((point) => ({ to: `${point}@people.example` }));
		await queue(db, world, 'first', people);
		const expireLeases = async () => {
			await sleep(50);
			await db.admin.execute(sql`
				update messages set lease_until = clock_timestamp() - interval '1 second' where status in ('claimed', 'sending')`);
			return sweepMessages(db.worker);
		};
		for (const [point, doubtful] of Object.entries(points)) {
			expect([point, await dieAt(db, sink.url, point)]).toEqual([point, 'SIGKILL']);
			expect([point, (await expireLeases()).doubtful]).toEqual([point, doubtful]);
		}
		await sendMessages(db.worker, 'email');
		closeSmtpPools();
		await sink.stop();
		const verdict = await judge(db.admin.$client, world.orgId, readSinkLog(sink.logFile));
		expect(verdict).toMatchObject({
			mails: people.length,
			lost: 0,
			duplicated: 0,
			stuckMessages: 0,
			doubtful: 2
		});
		expect(verdict.delivered).toBe(people.length - 2);
	} finally {
		setConfig(undefined);
		closeSmtpPools();
		await sink.remove();
	}
}, 120_000);
