import type { FaultCampaign } from './run.ts';
import { conclude } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { crowdTheDoor } from './Y3/crowdTheDoor.ts';
import { tryEverybody } from './Y3/tryEverybody.ts';

/** Y3: who may open a socket, tried by everybody from everywhere; nothing of a draft is sent to anybody else. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const { tried, wrong, errors } = await tryEverybody(db);
		const { third, slow } = await crowdTheDoor(db);
		for (const one of wrong) context.log(one);
		return conclude(context, { tried, wrong: wrong.length, errors, third, slow }, [
			['0 wrong answers, 0 bytes before them', wrong.length === 0 && tried > 90],
			['too many sockets and a slow check are refused', third === 4429 && slow === 503],
			['0 faults of the server', errors === 0]
		]);
	});
export default campaign;
