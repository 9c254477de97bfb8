import { createDb } from '../../src/lib/server/db/client.ts';
import { advance } from '../../src/lib/server/engine/advance.ts';
import { applyResponses } from '../../src/lib/server/engine/applyResponses.ts';
import { newLane } from '../../src/lib/server/engine/claimDue.ts';

/** A process of its own that does what is due, to be killed at a failpoint: `node enginePass.ts <worker url>`. */
const db = createDb(process.argv[2]!, { name: 'engine-pass', max: 1 });
const lane = newLane(20);
for (;;) {
	const applied = await applyResponses(db, 20);
	const { claimed } = await advance(db, lane);
	if (!applied && !claimed) break;
}
await db.$client.end();
