import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { sendThroughFaults } from './E18/sendAll.ts';
import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

/** E18: 5,000 WhatsApp messages through an API that fails in every way; webhooks three times, shuffled, two days late. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const messages = scaled(context, 5_000, 100);
		const { orgId: _, ...end } = await sendThroughFaults(db, {
			messages,
			// Each keeps a line busy for the 30 seconds after which the product gives up.
			silent: Math.min(90, Math.ceil(messages / 20)),
			random: seededRandom(context.seed)
		});
		return conclude(context, { messages, ...end }, [
			['0 second POST after ambiguity', end.secondAfterAmbiguity === 0],
			['nobody was sent to twice, nobody forgotten', end.takenTwice + end.neverPosted === 0],
			['what was ambiguous was doubtful, nothing else', end.doubtfulBefore === end.ambiguous],
			['100 % resolved where a status arrived', end.doubtful === end.lostForGood && end.other === 0],
			['0 regressions, 0 repeated effects', end.regressions + end.repeated === 0]
		]);
	});
export default campaign;
