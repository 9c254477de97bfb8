import { sql } from 'drizzle-orm';
import type { Db, OrgTx } from '../db/client.ts';
import { recordResponses } from '../engine/recordResponses.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { notifyOwners } from '../notifications/notifyOwners.ts';
import { isHeardOf } from './heardOf.ts';
import { maxCrashes } from './outbox.ts';
import { releaseQuota } from './quota.ts';

type Swept = {
	org_id: string;
	id: string;
	enrollment_id: string;
	run_no: number;
	action_id: string;
	record_id: string;
	quota_day: string | null;
};
const columns = sql`m.org_id, m.id, m.enrollment_id, m.run_no, m.action_id, m.record_id`;

/**
 * RELIABILITY.md 2.2: by the age of the lease, again and again, never once on the death of a process. A claim that ran
 * out goes back into the queue; a send that ran out is doubtful for good: counted as sent, listed, never repeated by us.
 */
export async function sweepMessages(
	db: Db
): Promise<{ requeued: number; doubtful: number; setAside: number }> {
	return db.transaction(async (tx) => {
		const requeued = await requeueClaims(tx);
		const setAside = await setAsideCrashers(tx);
		const doubtful = await markDoubtful(tx);
		failpoint('sweep.written');
		await freeHeldQuota(tx);
		await wakeChannels(tx);
		return { requeued, doubtful, setAside };
	});
}

const expired = (status: 'claimed' | 'sending', more = sql``) => sql`
	select org_id, id, quota_day::text as quota_day from messages
	where status = ${status} and lease_until < clock_timestamp() ${more}
	order by org_id, id limit 5000 for update skip locked`;

async function requeueClaims(tx: OrgTx): Promise<number> {
	const rows = await tx.execute<Swept>(sql`
		with x as (${expired('claimed', sql`and crashes < ${maxCrashes - 1}`)})
		update messages m set status = 'queued', claim = null, lease_until = null, quota_day = null, crashes = m.crashes + 1,
			not_before = app.now()
		from x where m.org_id = x.org_id and m.id = x.id returning ${columns}, x.quota_day`);
	await release(tx, rows);
	return rows.length;
}

async function setAsideCrashers(tx: OrgTx): Promise<number> {
	const text =
		'Preparing this message ended the sending process several times. It was set aside; please report it.';
	const rows = await tx.execute<Swept>(sql`
		with x as (${expired('claimed', sql`and crashes >= ${maxCrashes - 1}`)})
		update messages m set status = 'failed', lease_until = null, quota_day = null, crashes = m.crashes + 1,
			error_code = 'crashed', error_text = ${text}, settled_at = app.now()
		from x where m.org_id = x.org_id and m.id = x.id returning ${columns}, x.quota_day`);
	await release(tx, rows);
	await recordResponses(
		tx,
		rows.map((row) => ({ ...runOf(row), kind: 'failed', detail: { reason: 'provider_refused', text } }))
	);
	return rows.length;
}

async function markDoubtful(tx: OrgTx): Promise<number> {
	const rows = await tx.execute<Swept & { status: string }>(sql`
		with x as (${expired('sending')})
		update messages m set status = case when ${isHeardOf} then 'sent' else 'unknown' end, lease_until = null,
			settled_at = app.now(), sent_at = app.now(), resolution = case when ${isHeardOf} then 'evidence' end,
			resolved_at = case when ${isHeardOf} then app.now() end, error_code = 'doubtful',
			error_text = 'The connection ended before the answer arrived.'
		from x where m.org_id = x.org_id and m.id = x.id returning ${columns}, x.quota_day, m.status`);
	const doubtful = rows.filter((row) => row.status === 'unknown');
	await recordResponses(
		tx,
		rows.map((row) => ({ ...runOf(row), kind: 'sent', detail: { doubtful: true } }))
	);
	await notifyOwners(
		tx,
		doubtful.map((row) => ({
			orgId: row.org_id,
			recordId: row.record_id,
			kind: 'failure',
			title: 'Nobody knows whether a message arrived',
			body: 'The connection ended before the answer. It counts as sent; you can send it again.',
			dedupeKey: `doubtful/${row.id}`
		}))
	);
	return doubtful.length;
}

/** Withdrawn while a process held it (EXE-6): the place is given back here, whatever became of the process. */
async function freeHeldQuota(tx: OrgTx): Promise<void> {
	const rows = await tx.execute<Swept>(sql`
		with x as (select org_id, id, quota_day::text as quota_day from messages
			where status = 'cancelled' and quota_day is not null order by org_id, id limit 5000 for update skip locked)
		update messages m set quota_day = null from x where m.org_id = x.org_id and m.id = x.id
		returning ${columns}, x.quota_day`);
	await release(tx, rows);
}

async function wakeChannels(tx: OrgTx): Promise<void> {
	for (const channel of ['email', 'whatsapp'] as const) {
		const [row] = await tx.execute(sql`
			select 1 as due from messages where channel = ${channel} and status = 'queued' and not_before <= app.now() limit 1`);
		if (row) await enqueue(tx, 'sendMessages', { channel }, { key: `sendMessages:${channel}` });
	}
}

const runOf = (row: Swept) => ({
	orgId: row.org_id,
	enrollmentId: row.enrollment_id,
	runNo: row.run_no,
	actionId: row.action_id
});

const release = (tx: OrgTx, rows: readonly Swept[]) =>
	releaseQuota(
		tx,
		rows.filter((row) => row.quota_day).map((row) => ({ orgId: row.org_id, day: row.quota_day! }))
	);
