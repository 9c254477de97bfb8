import { createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { useConfig } from '../support/config.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { noteAttempts, readAttempts, shiftBy } from './E17/attempts.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const DOWN_MINUTES = 6 * 60;
/** The longest step of the schedule and its jitter. */
const DRAIN_MINUTES = 5 * 60;
const SHARE = 0.05;

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
	const address = server.address();
	await new Promise<void>((done) => server.close(() => done()));
	return typeof address === 'object' && address ? address.port : 1;
}

/**
 * E17: a relay is away for six hours of the database's clock while 10,000 mails wait, then comes back: the schedule is
 * kept, nothing is dropped, and what waited does not come all at once.
 */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const mails = scaled(context, 10_000, 200);
		const world = await makeChannelWorld(db, planOf([email('first')]));
		await db.admin.execute(sql`update organizations set emails_per_day = 1000000 where id = ${world.orgId}`);
		await noteAttempts(db);
		await queue(
			db,
			world,
			'first',
			Array.from({ length: mails }, (_, i) => ({ to: `w${i}@people.example` }))
		);
		/** Whatever is due now, minute by minute of virtual time. */
		const pass = async (minutes: number) => {
			for (let spent = 0; spent < minutes;) {
				await sendMessages(db.worker, 'email', { concurrency: 20, batch: 400 });
				spent += await shiftBy(db, world.orgId, minutes - spent);
			}
			await sendMessages(db.worker, 'email', { concurrency: 20, batch: 400 });
		};
		try {
			useConfig(db.urls, { SMTP_URL: `smtp://127.0.0.1:${await closedPort()}` });
			await pass(DOWN_MINUTES);
			context.log('the relay is back');
			closeSmtpPools();
			useConfig(db.urls, { SMTP_URL: sink.url });
			await pass(DRAIN_MINUTES);
		} finally {
			closeSmtpPools();
		}
		const end = await readAttempts(db, world.orgId);
		await sink.stop();
		const verdict = await askJudge(adminUrl, sink.logFile, world.orgId);
		return conclude(
			context,
			{ mails, ...end, atSink: sink.received() },
			[
				['every wait is its step of the schedule +-20 %', end.offSchedule === 0 && end.waits > 0],
				['nobody was tried before its time', end.tooEarly === 0],
				[
					'on the drain no second has more than 5 % of the load',
					end.fullestSecond <= Math.max(5, mails * SHARE)
				],
				['0 dropped: each is sent once', end.sent === mails && verdict.delivered === mails],
				['0 duplicated', verdict.duplicated === 0],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
