import { recordOverdue, remindDue } from '#lib/server/activities/sweepActivities.ts';
import { sweepSignIns } from '#lib/server/auth/sweepSignIns.ts';
import { sweepMessages } from '#lib/server/channels/sweepMessages.ts';
import { sweepWebhooks } from '#lib/server/channels/webhook/sweepWebhooks.ts';
import { sweepEngine } from '#lib/server/engine/sweep.ts';
import { dropForgotten } from '#lib/server/imports/dropForgotten.ts';
import { endLostWork } from '#lib/server/operations/endLostWork.ts';
import { defineTask } from '../task.ts';

/** Every minute: each area finds by state and age what was lost. One that fails must not hold back the others. */
export default defineTask('sweep', async (_payload, { db, wakeEngine }) => {
	const done = await Promise.allSettled([
		sweepEngine(db),
		sweepMessages(db),
		sweepWebhooks(db),
		recordOverdue(db),
		remindDue(db),
		dropForgotten(db),
		endLostWork(db),
		sweepSignIns(db)
	]);
	wakeEngine();
	const failed = done.find((one) => one.status === 'rejected');
	if (failed) throw failed.reason;
});
