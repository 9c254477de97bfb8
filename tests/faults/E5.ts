import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { startWorkers } from './E1/workers.ts';
import { missWakeUps } from './E5/missWakeUps.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

/** worker/main.ts: how often the queue looks by itself; engine/loop.ts: how long a lane sleeps at most. */
const QUEUE_POLL_MS = 1_000;
const ENGINE_POLL_MS = 5_000;
const GRACE_MS = 2_000;

/** E5: the listener's backend is ended before each of 50 wake-ups, and 10 more are lost altogether. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const workers = await startWorkers(db, sink, 1);
		try {
			const random = seededRandom(context.seed);
			const trials = scaled(context, 50, 3);
			const deaf = await missWakeUps(db, { trials, random });
			const lost = await missWakeUps(db, { trials: scaled(context, 10, 2), random, loseJob: true });
			const exits = workers.exits();
			await workers.stop();
			const verdict = await askJudge(adminUrl, sink.logFile);
			const inTime = deaf.ms.filter((ms) => ms <= QUEUE_POLL_MS + GRACE_MS).length;
			const lostInTime = lost.ms.filter((ms) => ms <= ENGINE_POLL_MS + GRACE_MS).length;
			return conclude(
				context,
				{
					trials,
					listenersEnded: deaf.listenersEnded,
					inTime,
					slowestMs: Math.max(...deaf.ms),
					lostWakeUps: lost.ms.length,
					lostInTime,
					slowestLostMs: Math.max(...lost.ms),
					exits
				},
				[
					[`${trials} of ${trials} picked up within ${QUEUE_POLL_MS + GRACE_MS} ms`, inTime === trials],
					[`without any wake-up within ${ENGINE_POLL_MS + GRACE_MS} ms`, lostInTime === lost.ms.length],
					['a listener was ended each time', deaf.listenersEnded >= trials],
					['0 processes ended', exits === 0],
					invariantsHold(verdict)
				],
				{ invariants: verdict.invariants }
			);
		} finally {
			await workers.stop();
		}
	});
export default campaign;
