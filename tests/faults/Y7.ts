import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { hijackClients } from './Y7/hijackClients.ts';

/** Y7: 1,000 hijacked client ids, clock jumps and foreign delete sets: all closed, and the victim's next 100 edits durable. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const figures = await hijackClients(db, scaled(context, 1_000, 10));
		return conclude(context, figures, [
			['every attacker closed with 44xx', figures.closed === figures.attacks && figures.impostor === 4400],
			["the victim's next 100 edits are durable", figures.durable === 100],
			['every attack audited', figures.audited === figures.attacks + 1]
		]);
	});
export default campaign;
