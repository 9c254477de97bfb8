import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { carryOn } from './E3/carryOn.ts';
import type { FaultCampaign } from './run.ts';
import { scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const EVERY_MS = 200;
/** Every so often all connections of both workers end at once, else one of them. */
const ALL_EVERY = 10;

/** E4: pg_terminate_backend every 200 ms for a minute, while 5,000 runs do four steps: no process ends, nothing is lost. */
const campaign: FaultCampaign = (context) =>
	inPlace({ durable: true, sinkDelayMs: 5 }, async (place) => {
		const seconds = scaled(context, 60, 3);
		const random = seededRandom(context.seed);
		const size = { enrollments: scaled(context, 5000, 100), overMs: seconds * 1000 };
		return carryOn(context, place, size, async () => {
			const until = Date.now() + seconds * 1000;
			let blows = 0;
			let ended = 0;
			for (; Date.now() < until; blows++) {
				const all = blows % ALL_EVERY === ALL_EVERY - 1;
				const rows = await place.db.admin.execute(sql`
					select pg_terminate_backend(pid) from (select pid from pg_stat_activity
						where datname = current_database() and usename in ('app_worker', 'app_web')
						order by md5(pid::text || ${random.int(0, 1e9)}::text) limit ${all ? 1000 : 1}) x`);
				ended += rows.length;
				await sleep(EVERY_MS);
			}
			return async () => ({
				figures: { seconds, blows, backendsEnded: ended },
				checks: [['connections were ended all the time', blows >= seconds * 3 && ended >= blows]]
			});
		});
	});
export default campaign;
