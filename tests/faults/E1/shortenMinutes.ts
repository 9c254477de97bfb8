import { sql } from 'drizzle-orm';
import { claimLeaseSeconds, sendingLeaseSeconds } from '../../../src/lib/server/channels/outbox.ts';
import { enqueue } from '../../../src/lib/server/jobs.ts';
import type { TestDatabase } from '../../support/clone.ts';
import type { Workers } from './workers.ts';

export type Hurry = { stop: () => Promise<void> };

const EVERY_MS = 2_000;

/**
 * What production does every minute happens every other second: the sweep is asked for, and the leases of the dead run out.
 * A lease is of a dead process for certain when it was taken before the oldest living one began; no other is touched.
 */
export function shortenMinutes(
	db: TestDatabase,
	workers: Workers,
	{ ageLeases }: { ageLeases: boolean }
): Hurry {
	let stopped = false;
	let wake: () => void = () => undefined;
	const turn = async () => {
		if (ageLeases) {
			const before = new Date(workers.oldestStart()).toISOString();
			await db.admin.execute(sql`
				update messages set lease_until = clock_timestamp() where lease_until > clock_timestamp() and (
					(status = 'claimed' and lease_until - make_interval(secs => ${claimLeaseSeconds}) < ${before}::timestamptz)
					or (status = 'sending' and lease_until - make_interval(secs => ${sendingLeaseSeconds}) < ${before}::timestamptz))`);
		}
		await enqueue(db.worker, 'sweep', {}, { key: 'sweep' });
	};
	const loop = (async () => {
		while (!stopped) {
			await turn();
			await new Promise<void>((done) => {
				wake = done;
				setTimeout(done, EVERY_MS);
			});
		}
	})();
	return {
		stop: async () => {
			stopped = true;
			wake();
			await loop;
		}
	};
}
