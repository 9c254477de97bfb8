import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { converge } from './Y2/converge.ts';

/** Y2: five clients on two processes, 1,000 runs of 200 edits with partitions: all of them equal a load from the database. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const figures = await converge(db, { runs: scaled(context, 1_000, 3), moves: 200, seed: context.seed });
		return conclude(context, figures, [
			['all converged', figures.converged === figures.runs],
			['people were offline', figures.offlineTimes > figures.runs],
			['0 faults of the server', figures.errors === 0]
		]);
	});
export default campaign;
