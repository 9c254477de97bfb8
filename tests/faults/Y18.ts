import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { publishWhileEditing } from './Y18/publishWhileEditing.ts';

/** Y18: 1,000 publishes of a draft that three people edit: each version is the draft at the log number it names. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const wanted = scaled(context, 1_000, 10);
		const figures = await publishWhileEditing(db, wanted);
		return conclude(context, figures, [
			['as many published as wanted', figures.published === wanted],
			['each is the draft at its number', figures.different === 0],
			['edits came between them', figures.distinct > wanted * 0.9]
		]);
	});
export default campaign;
