import { fillPool } from './E22/fullPool.ts';
import type { FaultCampaign } from './run.ts';
import { conclude } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

/** E22: a pool of two, of which one or both are held, and 50 callers. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db }) => {
		const found = await fillPool(db);
		return conclude(context, found, [
			['one held: all 50 are served by the other', found.servedBesideOne === 50],
			['both held: all 50 are told within 5 s', found.refused === 50 && found.slowestRefusalMs <= 5_000],
			['told to try again, not of a fault', found.toldAsUnavailable === 50],
			['all served within 2 s after the release', found.servedAfter === 50 && found.recoveredMs <= 2_000],
			['0 deadlocks, nothing left in a transaction', found.deadlocks + found.leftInTransaction === 0]
		]);
	});
export default campaign;
