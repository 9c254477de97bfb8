import { strictEqual } from 'node:assert';
import { sql } from 'drizzle-orm';
import { sendMessages } from '../../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../../src/lib/server/channels/email/smtpPool.ts';
import { startEngine } from '../../../src/lib/server/engine/loop.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { useConfig } from '../../support/config.ts';
import type { World } from '../../support/engineWorld.ts';
import { readSinkLog } from '../../support/sinkLog.ts';
import { startSink } from '../../support/startSink.ts';
import type { OtherSide } from '../baselines/otherSide.ts';
import type { Stages } from './stages.ts';
import { makeBenchCadence, oneMail, seedRuns } from './world.ts';

/**
 * (b): e-mail actions through engine and outbox at once, as in a worker, until each hand-over is settled and applied, and
 * nodemailer alone into the same sink right before and after.
 */
export async function measureMails(
	db: TestDatabase,
	world: World,
	n: number,
	other: OtherSide,
	say: Stages['say']
) {
	const sink = await startSink();
	try {
		useConfig(db.urls, { SMTP_URL: sink.url, ALLOW_LOSSY_DATABASE: 'false', LOG_LEVEL: 'warn' });
		const bare = () => say('bare mails/s', () => other.bareMailer(sink.url, n));
		const before = await bare();
		const emailStepsPerSecond = await say('e-mail steps/s', () => emailSteps(db, world, n));
		const after = await bare();
		await sink.stop();
		const addresses = readSinkLog(sink.logFile).flatMap((entry) => (entry.event === 'mail' ? entry.to : []));
		const ours = addresses.filter((address) => address.startsWith('lead'));
		strictEqual(ours.length, n);
		strictEqual(new Set(ours).size, n);
		strictEqual(addresses.length, 3 * n);
		return { emailStepsPerSecond, bareMailerPerSecond: (before + after) / 2 };
	} finally {
		closeSmtpPools();
		await sink.remove();
	}
}

async function emailSteps(db: TestDatabase, world: World, n: number): Promise<number> {
	const cadence = await makeBenchCadence(db, world, oneMail(world));
	await seedRuns(db, world, cadence, { n });
	const left = async () => {
		const [row] = await db.admin.execute<{ n: number }>(sql`
			select count(*)::int as n from enrollments where cadence_id = ${cadence.cadenceId} and status = 'active'`);
		return row!.n;
	};
	const startedAt = performance.now();
	const engine = startEngine(db.worker, { log: { error: (problem: unknown) => console.error(problem) } });
	try {
		let handled = 0;
		while (handled < n) {
			const sent = await sendMessages(db.worker, 'email');
			handled += sent.handled;
			engine.wake();
			if (!sent.handled) await new Promise((done) => setTimeout(done, 10));
		}
		for (engine.wake(); await left(); engine.wake()) await new Promise((done) => setTimeout(done, 10));
		return n / ((performance.now() - startedAt) / 1000);
	} finally {
		await engine.stop();
		const [row] = await db.admin.execute<{ sent: number; events: number; completed: number }>(sql`
			select (select count(*)::int from messages where cadence_id = ${cadence.cadenceId} and status = 'sent') as sent,
				(select count(*)::int from events where cadence_id = ${cadence.cadenceId} and kind = 'executed') as events,
				(select count(*)::int from enrollments where cadence_id = ${cadence.cadenceId} and status = 'completed') as completed`);
		strictEqual(JSON.stringify(row), JSON.stringify({ sent: n, events: n, completed: n }));
	}
}
