import { drainRecordChanges } from '#lib/server/engine/drainRecordChanges.ts';
import { defineTask } from '../task.ts';

/** Asked for after large writes; the engine's own loop looks every second anyway. */
export default defineTask('drainRecordChanges', async (_payload, { db, signal }) => {
	while (!signal.aborted && (await drainRecordChanges(db)));
});
