import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { pushAsViewer } from './Y4/pushAsViewer.ts';

/** Y4: 10,000 frames of a view-only socket change nothing; it still receives. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const figures = await pushAsViewer(db, scaled(context, 10_000, 300));
		const { changedBytes, logGrew, spoofed, errors } = figures;
		return conclude(context, figures, [
			['0 bytes of the draft changed', changedBytes === 0 && logGrew === 0],
			['nobody is made to say what they did not', spoofed === 0],
			['0 faults of the server', errors === 0]
		]);
	});
export default campaign;
