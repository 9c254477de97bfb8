import type { Db } from '../../../src/lib/server/db/client.ts';
import { advance } from '../../../src/lib/server/engine/advance.ts';
import { newLane } from '../../../src/lib/server/engine/claimDue.ts';

/** The passes of one worker process, until nothing is due. @returns runs moved per second */
export async function drainPerSecond(db: Db, lanes = 2): Promise<{ moved: number; perSecond: number }> {
	let moved = 0;
	const one = async () => {
		const lane = newLane();
		for (;;) {
			const { claimed, blocked } = await advance(db, lane);
			moved += claimed;
			if (!claimed && !blocked) return;
		}
	};
	const startedAt = performance.now();
	await Promise.all(Array.from({ length: lanes }, one));
	return { moved, perSecond: moved / ((performance.now() - startedAt) / 1000) };
}
