import type { Db } from '../db/client.ts';
import { recordOverdue, remindDue } from '../activities/sweepActivities.ts';
import { sweepMessages } from './sweepMessages.ts';

/** The minute's part of channels and activities: leases, wake-ups, overdue work, reminders. */
export async function sweepChannels(db: Db): Promise<void> {
	await sweepMessages(db);
	await db.transaction((tx) => recordOverdue(tx));
	await db.transaction((tx) => remindDue(tx));
}
