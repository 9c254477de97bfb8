import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { restoreUnderPages } from './Y15/restore.ts';

/** Y15: 100 restores under an open page and one that is offline with edits: both refused with 4409, nothing twice. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const figures = await restoreUnderPages(db, scaled(context, 100, 3));
		return conclude(context, figures, [
			['every stale page refused with 4409', figures.refused === 2 * figures.restores],
			['it keeps what was not stored', figures.kept === figures.restores],
			['0 nodes too many', figures.strangeNodes === 0 && figures.strangeLogs === 0]
		]);
	});
export default campaign;
