import type { FaultCampaign } from './run.ts';
import { bundle } from './support/bundle.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { dieCompacting } from './Y13/dieCompacting.ts';

/** Y13: compaction is killed 20 times at each of its places: state vector, content and authors are what they were. */
const campaign: FaultCampaign = async (context) => {
	const program = await bundle(new URL('./Y13/compactChild.ts', import.meta.url));
	try {
		return await inPlace({ durable: true }, async ({ db }) => {
			const figures = await dieCompacting(db, program.file, scaled(context, 20, 1));
			return conclude(context, figures, [
				['each one died where it should', figures.kills === figures.wanted],
				['the document is what it was', figures.different === 0],
				['folded after its commit and never before', figures.folded === figures.foldedWanted]
			]);
		});
	} finally {
		await program.remove();
	}
};
export default campaign;
