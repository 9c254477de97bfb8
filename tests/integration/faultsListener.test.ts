import { pino } from 'pino';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { startWorker } from '../../worker/main.ts';
import { missWakeUps } from '../faults/E5/missWakeUps.ts';
import { expect, test } from '../support/db.ts';

/** worker/main.ts polls every second. */
const POLL_MS = 1_000;
const GRACE_MS = 2_000;

test('E5: the connection that listens is ended before work arrives: it is found by the next look', async ({
	db
}) => {
	const worker = await startWorker({ url: db.urls.worker, log: pino({ level: 'silent' }), pool: 4 });
	try {
		const { ms, listenersEnded } = await missWakeUps(db, { trials: 3, random: seededRandom(5) });
		expect(listenersEnded).toBeGreaterThanOrEqual(3);
		expect(Math.max(...ms)).toBeLessThanOrEqual(POLL_MS + GRACE_MS);
	} finally {
		await worker.stop();
	}
}, 60_000);
