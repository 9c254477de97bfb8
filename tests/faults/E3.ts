import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { carryOn } from './E3/carryOn.ts';
import { slowestResume } from './E3/load.ts';
import { restartServer } from './E3/restartServer.ts';
import type { FaultCampaign } from './run.ts';
import { scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const EVERY_MS = [5_000, 10_000] as const;
/** A restart with its recovery and the time between two. */
const ROUND_MS = 9_000;
const RESUME_WITHIN_MS = 10_000;

/** E3: PostgreSQL is stopped without a goodbye every 5 to 10 seconds, at least 20 times, while 5,000 runs do four steps. */
const campaign: FaultCampaign = (context) =>
	inPlace({ durable: true, sinkDelayMs: 5 }, async (place) => {
		const restarts = scaled(context, 20, 2);
		const size = { enrollments: scaled(context, 5000, 100), overMs: restarts * ROUND_MS };
		const random = seededRandom(context.seed);
		return carryOn(context, place, size, async (over) => {
			const starts: number[] = [];
			let downMs = 0;
			while (!over() || starts.length < restarts) {
				await sleep(random.int(...EVERY_MS));
				downMs = Math.max(downMs, (await restartServer(place.cluster.folder)).downMs);
				starts.push(Date.now());
				context.log(`restart ${starts.length}`);
			}
			return async () => {
				const resumeMs = await slowestResume(place.db, starts);
				return {
					figures: { restarts: starts.length, longestDownMs: downMs, slowestResumeMs: resumeMs },
					checks: [
						[`at least ${restarts} restarts`, starts.length >= restarts],
						['goes on within 10 s of each start', resumeMs <= RESUME_WITHIN_MS]
					]
				};
			};
		});
	});
export default campaign;
