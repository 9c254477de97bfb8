import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { startWorkers } from './E1/workers.ts';
import { countWrong, killInJobs } from './E6/killInJobs.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const WITHIN_MS = 60_000;

/** E6: 50 workers are killed in the middle of a job: each of these jobs is done by another within 60 seconds. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const workers = await startWorkers(db, sink, 3);
		try {
			const kills = scaled(context, 50, 2);
			const { seed, log } = context;
			const found = await killInJobs(db, workers, { kills, random: seededRandom(seed), log });
			await workers.stop();
			const wrong = await countWrong(db, found.orgId);
			const verdict = await askJudge(adminUrl, sink.logFile);
			const ms = found.ms.toSorted((a, b) => a - b);
			const slowest = ms.at(-1) ?? Infinity;
			return conclude(
				context,
				{
					kills: found.kills,
					notInJob: found.notInJob,
					medianMs: ms[ms.length >> 1] ?? 0,
					slowestMs: slowest,
					wrong
				},
				[
					[`${kills} kills in the middle of a job`, found.kills >= kills],
					['every job was done within 60 s', ms.length === found.kills && slowest <= WITHIN_MS],
					['every record enrolled exactly once', wrong === 0],
					invariantsHold(verdict)
				],
				{ invariants: verdict.invariants }
			);
		} finally {
			await workers.stop();
		}
	});
export default campaign;
