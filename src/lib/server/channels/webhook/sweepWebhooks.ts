import { sql } from 'drizzle-orm';
import type { Db, OrgTx } from '../../db/client.ts';
import { recordResponses } from '../../engine/recordResponses.ts';
import { enqueue } from '../../jobs.ts';

/**
 * RELIABILITY.md 2.2: by the age of the lease. Nobody knows whether a call in the hands of a dead process was made, so it
 * is made again (at least once); one that goes on ending processes fails after 24 hours like any other.
 */
export function sweepWebhooks(db: Db): Promise<{ requeued: number; failed: number }> {
	return db.transaction(async (tx) => {
		const failed = await giveUp(tx);
		const requeued = await tx.execute(sql`
			with x as (
				select org_id, id from webhook_calls where status = 'claimed' and lease_until < clock_timestamp()
				order by org_id, id limit 5000 for update skip locked)
			update webhook_calls w set status = 'queued', claim = null, lease_until = null, not_before = app.now(),
				wait_reason = 'receiver', last_error = 'The process that called it ended before the answer.'
			from x where w.org_id = x.org_id and w.id = x.id returning 1`);
		const [due] = await tx.execute(
			sql`select 1 from webhook_calls where status = 'queued' and not_before <= app.now() limit 1`
		);
		if (due) await enqueue(tx, 'sendWebhooks', {}, { key: 'sendWebhooks' });
		return { requeued: requeued.length, failed };
	});
}

async function giveUp(tx: OrgTx): Promise<number> {
	const text = 'It was tried for 24 hours and never ended with an answer.';
	const rows = await tx.execute<{
		org_id: string;
		enrollment_id: string;
		run_no: number;
		action_id: string;
		again: boolean;
	}>(sql`
		with x as (
			select org_id, id from webhook_calls where status = 'claimed' and lease_until < clock_timestamp()
				and first_attempt_at < app.now() - interval '24 hours'
			order by org_id, id limit 5000 for update skip locked)
		update webhook_calls w set status = 'failed', claim = null, lease_until = null, settled_at = app.now(),
			last_error = ${text}
		from x where w.org_id = x.org_id and w.id = x.id returning w.org_id, w.enrollment_id, w.run_no, w.action_id,
			w.sent_again_at is not null as again`);
	await recordResponses(
		tx,
		rows
			.filter((row) => !row.again)
			.map((row) => ({
				orgId: row.org_id,
				enrollmentId: row.enrollment_id,
				runNo: row.run_no,
				actionId: row.action_id,
				kind: 'failed',
				detail: { reason: 'webhook_refused', text }
			}))
	);
	return rows.length;
}
