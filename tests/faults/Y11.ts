import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { lieAboutPresence } from './Y11/lie.ts';

/** Y11: who lies about their name or speaks for a crowd: names stay the session's, one client id per socket, floods end it. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const figures = await lieAboutPresence(db, scaled(context, 100, 3));
		return conclude(context, figures, [
			["the name is always the session's", figures.wrongNames === 0],
			['one client id per socket', figures.mostSeen === 1],
			['floods end the socket', figures.thrownOut === figures.liars],
			['0 faults of the server', figures.errors === 0]
		]);
	});
export default campaign;
