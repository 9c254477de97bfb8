import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { notifyOwners } from '../notifications/notifyOwners.ts';
import { releaseQuota } from './quota.ts';

/** As an outcome is written: fence, minutes until the next try, and why. */
export type Refusal = {
	orgId: string;
	id: string;
	claim: string;
	attempt: number;
	minutes: number | null;
	wait: string | null;
	code: string | null;
	text: string | null;
	deferred: boolean;
};

/**
 * EXE-10: a passing refusal that is heard after the lease ran out ends the doubt over its own hand-over (same claim, same
 * attempt): nothing was delivered. While its action is current it is tried again, as by "send again"; else it failed, and
 * the run, which has gone on as if it had been sent, is told nothing.
 */
export async function retryRefused(tx: OrgTx, late: readonly Refusal[]): Promise<void> {
	if (!late.length) return;
	const rows = await tx.execute<{
		org_id: string;
		id: string;
		record_id: string;
		quota_day: string | null;
		status: string;
		error_text: string;
	}>(sql`
		with r as (select * from jsonb_to_recordset(${JSON.stringify(late)}::jsonb) as r("orgId" uuid, id uuid, claim uuid, attempt int,
				minutes float8, wait text, code text, text text, deferred boolean)),
			l as (select m.org_id, m.id, m.quota_day, e.status in ('active', 'paused') and e.run_no = m.run_no
					and coalesce(e.race ->> 'actionId', e.current_action_id) = m.action_id
					-- ENR-8: a person has sent the run past it.
					and not jsonb_path_exists(coalesce(e.frozen, e.race -> 'timed', '{}'), '$.keyvalue() ? (@.key starts with "skip/")', '{}', true)
					as current
				from r join messages m on m.org_id = r."orgId" and m.id = r.id
				join enrollments e on e.org_id = m.org_id and e.id = m.enrollment_id
				where m.status = 'unknown' and m.claim = r.claim and m.attempt = r.attempt
				order by m.org_id, m.id for update of m)
		update messages m set status = case when l.current then 'queued' else 'failed' end,
			claim = case when l.current then null else m.claim end, quota_day = null,
			not_before = app.now() + make_interval(secs => r.minutes * 60),
			wait_reason = case when l.current then r.wait end, error_code = r.code, error_text = r.text,
			deferred_at = case when r.deferred then coalesce(m.deferred_at, app.now()) else m.deferred_at end,
			settled_at = case when l.current then null else app.now() end, resolution = 'evidence', resolved_at = app.now()
		from r join l on l.org_id = r."orgId" and l.id = r.id
		where m.org_id = l.org_id and m.id = l.id
		returning m.org_id, m.id, m.record_id, l.quota_day::text, m.status, m.error_text`);
	await releaseQuota(
		tx,
		rows.flatMap((row) => (row.quota_day === null ? [] : [{ orgId: row.org_id, day: row.quota_day }]))
	);
	await notifyOwners(
		tx,
		rows
			.filter(({ status }) => status === 'failed')
			.map((row) => ({
				orgId: row.org_id,
				recordId: row.record_id,
				kind: 'failure',
				title: 'A message could not be sent',
				body: row.error_text,
				dedupeKey: `message/${row.id}`
			}))
	);
}
