import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { enqueue } from '../jobs.ts';

const held = sql`m.status = 'queued' and m.wait_reason = 'review'`;

/** GRA-8: the review is done: the e-mail may go. Its claim looks at everything else again. */
export async function releaseReviewed(tx: OrgTx, orgId: string, activityId: string): Promise<void> {
	const [released] = await tx.execute(sql`
		update messages m set not_before = app.now(), wait_reason = null
		from activities a where a.org_id = ${orgId}::uuid and a.id = ${activityId}::uuid and a.review
			and m.org_id = a.org_id and m.action_run_id = a.action_run_id and ${held} returning 1`);
	if (released) await enqueue(tx, 'sendMessages', { channel: 'email' }, { key: 'sendMessages:email' });
}

/** EXE-4: the review was deleted: the e-mail never goes. @returns whether one was held */
export async function withdrawReviewed(tx: OrgTx, orgId: string, activityId: string): Promise<boolean> {
	const rows = await tx.execute(sql`
		update messages m set status = 'cancelled', settled_at = app.now(), error_code = 'withdrawn', wait_reason = null
		from activities a where a.org_id = ${orgId}::uuid and a.id = ${activityId}::uuid and a.review
			and m.org_id = a.org_id and m.action_run_id = a.action_run_id and ${held} returning 1`);
	return rows.length > 0;
}
