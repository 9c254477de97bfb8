import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { countEnrollments, raceEnrollers } from './E9/race.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

/** E9: 10,000 records with four enrollers each, in two cadences: exactly one live enrollment each, no fault of the server. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const records = scaled(context, 10_000, 100);
		const { orgId, claimed, faults } = await raceEnrollers(db, {
			records,
			random: seededRandom(context.seed)
		});
		for (const fault of new Set(faults)) context.log(fault);
		const counts = await countEnrollments(db, orgId);
		const verdict = await askJudge(adminUrl, sink.logFile);
		return conclude(
			context,
			{ records, enrollers: 8, ...counts, claimed, faults: faults.length },
			[
				[
					'exactly one live enrollment each',
					counts.live === records * 2 && counts.enrollments === records * 2
				],
				[
					'logged, counted and told once each',
					[counts.events, counts.counted, claimed].every((n) => n === records * 2)
				],
				['0 faults of the server', faults.length === 0],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
