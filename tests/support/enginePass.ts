import { createDb } from '../../src/lib/server/db/client.ts';
import { advance } from '../../src/lib/server/engine/advance.ts';
import { applyResponses } from '../../src/lib/server/engine/applyResponses.ts';
import { newLane } from '../../src/lib/server/engine/claimDue.ts';
import { createPassMarks } from '../../src/lib/server/engine/passMarks.ts';

/**
 * A process of its own that does what is due, to be killed at a failpoint or by what it works on: `node enginePass.ts
 * <worker url> [rows of a pass]`.
 */
const [url = '', limit = '20'] = process.argv.slice(2);
const db = createDb(url, { name: 'engine-pass', max: 1 });
const marks = createPassMarks(url);
const lane = newLane(Number(limit), marks.newLane());
for (;;) {
	const applied = await applyResponses(db, Number(limit), lane.mark);
	const { claimed, blocked } = await advance(db, lane);
	if (!applied && !claimed && !blocked) break;
}
await marks.stop();
await db.$client.end();
