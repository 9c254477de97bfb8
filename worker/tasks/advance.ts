import { defineTask } from '../task.ts';

/** A wake-up: the lanes of this process look at once instead of at the end of their sleep. */
export default defineTask('advance', async (_payload, { wakeEngine }) => wakeEngine());
