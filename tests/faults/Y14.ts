import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { dragOnAndOn } from './Y14/drag.ts';

/** Y14: 10,000 stored drags of one action: the document grows by 5 KB at most. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const figures = await dragOnAndOn(db, scaled(context, 10_000, 200));
		return conclude(context, figures, [
			['every drag was stored', figures.stored === figures.drags],
			['grows by 5 KB at most', figures.docGrewBytes <= 5 * 1024 && figures.snapshotGrewBytes <= 5 * 1024]
		]);
	});
export default campaign;
