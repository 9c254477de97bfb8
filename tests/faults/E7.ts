import { sql } from 'drizzle-orm';
import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { sweepMessages } from '../../src/lib/server/channels/sweepMessages.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { makeChannelWorld, queue } from '../support/channelWorld.ts';
import { email, planOf } from '../support/engineWorld.ts';
import { countDoubleSettles, freezeSenders } from './E7/freeze.ts';
import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const MAILS_PER_TRIAL = 40;

/** E7: 200 senders are frozen past their lease, replaced, and wake up: nobody gets a second mail, nothing is settled twice. */
const campaign: FaultCampaign = async (context) => {
	const program = await bundle(new URL('./E7/sender.ts', import.meta.url));
	try {
		return await inPlace({ sinkDelayMs: 5 }, async ({ db, adminUrl, sink }) => {
			const trials = scaled(context, 200, 5);
			const world = await makeChannelWorld(db, planOf([email('mail')]));
			const { orgId } = world;
			await db.admin.execute(sql`update organizations set emails_per_day = 1000000 where id = ${orgId}`);
			const people = Array.from({ length: trials * MAILS_PER_TRIAL }, (_, i) => ({
				to: `z${i}@people.example`
			}));
			await queue(db, world, 'mail', people);
			const { seed, log } = context;
			const figures = await freezeSenders(db, sink, {
				program: program.file,
				trials,
				random: seededRandom(seed),
				log
			});
			const left = people.length - sink.received();
			await sweepMessages(db.worker);
			await sendMessages(db.worker, 'email');
			closeSmtpPools();
			await sink.stop();
			const doubleSettles = await countDoubleSettles(db, orgId);
			const verdict = await askJudge(adminUrl, sink.logFile, orgId);
			const { mails, delivered, duplicated, lost, doubtful, doubtfulAtSink, stuckMessages } = verdict;
			return conclude(
				context,
				{ ...figures, mails, leftAtEnd: left, delivered, duplicated, lost, doubtfulAtSink, doubleSettles },
				[
					['0 double settles', doubleSettles === 0],
					['0 duplicate mails', duplicated === 0],
					['0 lost, 0 stuck', lost + stuckMessages === 0],
					['every mail delivered or doubtful', delivered + doubtful === mails],
					['zombies held something in most trials', figures.requeued + figures.doubtful >= trials],
					invariantsHold(verdict)
				],
				{ invariants: verdict.invariants }
			);
		});
	} finally {
		await program.remove();
	}
};
export default campaign;
