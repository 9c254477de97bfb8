import type { FaultCampaign } from './run.ts';
import { conclude, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';
import { revokeWhileWriting } from './Y5/revoke.ts';

/**
 * Y5: 200 people lose their right while they write, 50 more where every hint is lost: out within 2 s and 20 s, and no
 * edit was committed after the right had gone. PostgreSQL says what was committed first.
 */
const campaign: FaultCampaign = (context) =>
	inPlace({ settings: ['track_commit_timestamp=on'] }, async ({ db }) => {
		const trials = scaled(context, 200, 10);
		const told = await revokeWhileWriting(db, { trials, atOnce: 5, useNotify: true, pollMs: 600_000 });
		const quiet = scaled(context, 50, 5);
		// The poll of production.
		const untold = await revokeWhileWriting(db, {
			trials: quiet,
			atOnce: 25,
			useNotify: false,
			pollMs: 15_000
		});
		return conclude(
			context,
			{
				...told,
				untold: untold.revocations,
				slowestUntoldMs: untold.slowestMs,
				storedAfter: told.storedAfter + untold.storedAfter,
				errors: told.errors + untold.errors
			},
			[
				['out within 2 s', told.slowestMs <= 2_000 && told.revocations === trials],
				['out within 20 s when nobody was told', untold.slowestMs <= 20_000 && untold.revocations === quiet],
				['0 edits stored after the right had gone', told.storedAfter + untold.storedAfter === 0],
				['edits were stored before', told.storedBefore > trials],
				['closed with the right code', told.wrongCodes + untold.wrongCodes === 0]
			]
		);
	});
export default campaign;
