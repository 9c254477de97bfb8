import { sql, type SQL } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { releaseQuota } from '../channels/quota.ts';
import { enqueue } from '../jobs.ts';

/**
 * EXE-10, DEA-1: messages that were claimed but not begun go back into the queue, and give their quota back; the fence
 * makes the sender that holds them stop before any byte. `where` is over the alias `m`.
 */
export async function holdMessages(
	tx: OrgTx,
	orgId: string,
	where: SQL,
	waitReason: string
): Promise<number> {
	const rows = await tx.execute<{ quota_day: string | null }>(sql`
		with held as (
			select m.id, m.quota_day from messages m
			where m.org_id = ${orgId}::uuid and m.status in ('queued', 'claimed')
				-- What waits for its review is held already, whatever else happens to its run.
				and m.wait_reason is distinct from 'review' and ${where}
			order by m.id for update of m
		)
		update messages m set status = 'queued', claim = null, lease_until = null, quota_day = null,
			wait_reason = ${waitReason}
		from held h where m.org_id = ${orgId}::uuid and m.id = h.id
		returning h.quota_day::text`);
	await releaseQuota(
		tx,
		rows.flatMap((row) => (row.quota_day === null ? [] : [{ orgId, day: row.quota_day }]))
	);
	return rows.length;
}

/**
 * What waited for a pause or an inactive cadence may go now; the claim looks at everything else again. All at one instant,
 * so that they go in the order in which they were queued (DEA-2), not in that in which the table has them.
 */
export async function freeMessages(tx: OrgTx, orgId: string, where: SQL): Promise<void> {
	const rows = await tx.execute<{ channel: 'email' | 'whatsapp' }>(sql`
		with clock as materialized (select app.now() as at), held as (
			-- In the order in which senders ask for theirs, also for those that were taken from them: else two wait for each other.
			select m.id from messages m where m.org_id = ${orgId}::uuid and m.status = 'queued'
				and m.wait_reason in ('paused', 'cadence_inactive') and ${where}
			order by m.id for update of m
		), freed as (
			update messages m set not_before = c.at, wait_reason = null from clock c, held h
			where m.org_id = ${orgId}::uuid and m.id = h.id
			returning m.channel
		) select distinct channel from freed`);
	for (const { channel } of rows)
		await enqueue(tx, 'sendMessages', { channel }, { key: `sendMessages:${channel}` });
	const [call] = await tx.execute(sql`
		with clock as materialized (select app.now() as at), freed as (
			update webhook_calls m set not_before = c.at, wait_reason = null from clock c
			where m.org_id = ${orgId}::uuid and m.status = 'queued'
				and m.wait_reason in ('paused', 'cadence_inactive') and ${where}
			returning 1
		) select 1 from freed limit 1`);
	if (call) await enqueue(tx, 'sendWebhooks', {}, { key: 'sendWebhooks' });
}
