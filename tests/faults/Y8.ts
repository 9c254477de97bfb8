import type { FaultCampaign } from './run.ts';
import { conclude } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { floodWithGaps } from './Y8/floodWithGaps.ts';

/** Y8: 2,000 gapped updates (2 MB) are refused with at most 200 ms of CPU time in all; applied as they come they took 8.3 s. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const figures = await floodWithGaps(db);
		return conclude(context, figures, [
			['refused, nothing stored', figures.refused === 1 && figures.stored === 0],
			['at most 200 ms of CPU time', figures.cpuMs <= 200],
			['0 faults of the server', figures.faults === 0]
		]);
	});
export default campaign;
