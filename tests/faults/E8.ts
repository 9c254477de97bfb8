import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { startWhatsappStandIn } from '../../src/lib/server/channels/whatsapp/standIn.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { standInSecrets } from '../support/whatsapp.ts';
import {
	channels,
	cutClaims,
	queueForClaims,
	slowDown,
	speedUp,
	stuckAfterTwoLeases,
	watchClaims
} from './E8/cutClaims.ts';
import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

/** E8: 1,000 clients are killed while their slow claims run in PostgreSQL: after two lease periods nothing is stuck. */
const campaign: FaultCampaign = async (context) => {
	const program = await bundle(new URL('./E8/claimer.ts', import.meta.url));
	return inPlace({}, async ({ db, adminUrl, sink }) => {
		const standIn = await startWhatsappStandIn({
			...standInSecrets,
			port: 0,
			callbackUrl: null,
			reports: []
		});
		try {
			const trials = scaled(context, 1000, 20);
			const { orgId } = await queueForClaims(db, trials, standIn.url);
			await watchClaims(db);
			await slowDown(db);
			const { log, seed } = context;
			const figures = await cutClaims(db, { program: program.file, trials, random: seededRandom(seed), log });
			const stuck = await stuckAfterTwoLeases(db);
			await speedUp(db);
			for (const channel of channels) await sendMessages(db.worker, channel);
			closeSmtpPools();
			await sink.stop();
			const verdict = await askJudge(adminUrl, sink.logFile, orgId);
			const { mails, delivered, duplicated, lost, doubtful, stuckMessages } = verdict;
			const posts = standIn.messages.map((message) => message.callbackData);
			const twice = posts.length - new Set(posts).size;
			return conclude(
				context,
				{ ...figures, stuck, mails, delivered, duplicated, lost, doubtful, posts: posts.length, twice },
				[
					['0 stuck after two lease periods', stuck === 0],
					['every message went out once', delivered === mails && posts.length === mails],
					['0 duplicates, 0 doubtful', duplicated + twice + doubtful + lost + stuckMessages === 0],
					['most clients died in their claim', figures.cut >= figures.trials / 2],
					['some claims were committed for the dead', trials < 500 || figures.committedLate > 0],
					invariantsHold(verdict)
				],
				{ invariants: verdict.invariants }
			);
		} finally {
			await standIn.stop();
			await program.remove();
		}
	});
};
export default campaign;
