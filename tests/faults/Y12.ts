import { seededRandom } from '../../src/lib/server/demo/random.ts';
import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { typeWhileLoading } from './Y12/slowLoads.ts';

/** Y12: 1,000 opens of drafts whose load takes five seconds and fails in 30 % of cases, everybody typing meanwhile. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const cadences = scaled(context, 250, 5);
		const random = seededRandom(context.seed);
		const figures = await typeWhileLoading(db, {
			cadences,
			typists: 4,
			delayMs: 5_000,
			failing: 0.3,
			random
		});
		return conclude(context, figures, [
			['0 edits lost', figures.lost === 0],
			['0 drafts overwritten by blank ones', figures.blank === 0 && figures.dropped === 0],
			['loads did fail', figures.failedLoads > 0]
		]);
	});
export default campaign;
