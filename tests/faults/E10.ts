import { closeSmtpPools } from '../../src/lib/server/channels/email/smtpPool.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { readSinkLog } from '../support/sinkLog.ts';
import { judgeRaces, raceUnenrollment, watchCommits } from './E10/race.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

/**
 * E10: 2,000 un-enrollments at random offsets around the due mail: the relay accepts nothing whose `sending` was committed
 * after the un-enrollment, by PostgreSQL's own commit times.
 */
const campaign: FaultCampaign = (context) =>
	inPlace({ settings: ['track_commit_timestamp=on'], sinkDelayMs: 2 }, async ({ db, adminUrl, sink }) => {
		const races = scaled(context, 2000, 20);
		await watchCommits(db);
		const { orgId } = await raceUnenrollment(db, {
			races,
			random: seededRandom(context.seed)
		});
		closeSmtpPools();
		await sink.stop();
		const figures = await judgeRaces(db, orgId, readSinkLog(sink.logFile));
		const verdict = await askJudge(adminUrl, sink.logFile, orgId);
		return conclude(
			context,
			{ races, ...figures, duplicated: verdict.duplicated },
			[
				['0 accepted after the un-enrollment', figures.acceptedTooLate === 0],
				['every run was un-enrolled', figures.unenrolled === races && figures.missed === 0],
				['both came first often', Math.min(figures.before, figures.after) >= races / 10],
				['0 duplicates', verdict.duplicated === 0],
				invariantsHold(verdict)
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
