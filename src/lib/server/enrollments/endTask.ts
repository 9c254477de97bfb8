import { and, eq, sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { backgroundTasks } from '../db/schema/accounts.ts';
import { notifyTaskEnd } from './notifyTaskEnd.ts';

/** ENR-1: bulk work has ended, and whoever started it is told. */
export async function endTask(
	tx: OrgTx,
	{ orgId, taskId }: { orgId: string; taskId: string },
	set: Partial<Pick<typeof backgroundTasks.$inferSelect, 'processed' | 'result' | 'error'>> & {
		status: 'done' | 'failed';
	}
): Promise<void> {
	await tx
		.update(backgroundTasks)
		.set({ ...set, finishedAt: sql`app.now()` })
		.where(and(eq(backgroundTasks.orgId, orgId), eq(backgroundTasks.id, taskId)));
	await notifyTaskEnd(tx, orgId, taskId);
}
