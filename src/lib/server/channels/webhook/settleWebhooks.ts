import { sql } from 'drizzle-orm';
import type { OrgTx } from '../../db/client.ts';
import { recordResponses, type NewResponse } from '../../engine/recordResponses.ts';
import { failpoint } from '../../failpoint.ts';
import { notifyOwners } from '../../notifications/notifyOwners.ts';
import type { ClaimedCall } from './claimWebhooks.ts';

type Call = Omit<ClaimedCall, 'url' | 'secret' | 'body'>;

/** What became of a call; `queued` rows are settled under their row lock, claimed ones by the claim they were given. */
export type Outcome = { call: Call; from: 'queued' | 'claimed' } & (
	| { kind: 'done'; status: number }
	/** GRA-6: the `failed` branch, or the end of the run. */
	| { kind: 'fail'; text: string; status?: number }
	/** Back into the queue. `text`: what went wrong; none when it only waits. */
	| { kind: 'wait'; seconds: number; reason: string; text?: string; status?: number }
	/** The run went on or ended without it. */
	| { kind: 'withdraw' }
);

const statusOf = { done: 'done', fail: 'failed', wait: 'queued', withdraw: 'cancelled' } as const;

/** Writes outcomes in sets: state, response for the engine and the owner's notice in one transaction. */
export async function settleCalls(tx: OrgTx, outcomes: readonly Outcome[]): Promise<void> {
	if (!outcomes.length) return;
	const rows = outcomes.map((outcome) => ({
		o: outcome.call.orgId,
		id: outcome.call.id,
		claim: outcome.call.claim,
		from: outcome.from,
		status: statusOf[outcome.kind],
		wait: outcome.kind === 'wait' ? outcome.seconds : null,
		reason: outcome.kind === 'wait' ? outcome.reason : null,
		text: 'text' in outcome ? outcome.text : null,
		http: 'status' in outcome ? outcome.status : null
	}));
	const landed = await tx.execute<{ id: string }>(sql`
		with k as (select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as k(o uuid, id uuid, claim uuid, "from" text,
			status text, wait float8, reason text, text text, http int)),
		settled as (
			update webhook_calls w set status = k.status, claim = null, lease_until = null, wait_reason = k.reason,
				settled_at = case when k.status = 'queued' then null else app.now() end,
				not_before = case when k.wait is null then w.not_before else app.now() + make_interval(secs => k.wait) end,
				last_error = case when k.status = 'done' then null else coalesce(k.text, w.last_error) end,
				http_status = coalesce(k.http, w.http_status)
			from k where w.org_id = k.o and w.id = k.id and w.status = k."from"
				and (k."from" = 'queued' or w.claim = k.claim)
			returning w.org_id, w.id, w.status, w.enrollment_id, w.run_no, w.action_id
		), withdrawn as (
			update action_runs a set status = 'cancelled' from settled s
			where s.status = 'cancelled' and a.org_id = s.org_id and a.enrollment_id = s.enrollment_id
				and a.run_no = s.run_no and a.action_id = s.action_id and a.status = 'queued'
		)
		select id from settled`);
	const ids = new Set(landed.map((row) => row.id));
	const own = outcomes.filter(({ call }) => ids.has(call.id));
	await recordResponses(tx, own.flatMap(responsesOf));
	await notifyOwners(
		tx,
		own.flatMap((outcome) =>
			outcome.kind === 'fail'
				? [
						{
							orgId: outcome.call.orgId,
							recordId: outcome.call.recordId,
							kind: 'failure' as const,
							title: 'A webhook was not taken',
							body: outcome.text,
							dedupeKey: `webhook/${outcome.call.id}`
						}
					]
				: []
		)
	);
	failpoint('webhook.settled');
}

function responsesOf(outcome: Outcome): NewResponse[] {
	const { orgId, enrollmentId, runNo, actionId } = outcome.call;
	const run = { orgId, enrollmentId, runNo, actionId };
	if (outcome.kind === 'done') return [{ ...run, kind: 'done', detail: { status: outcome.status } }];
	// EXE-9: its run has been told already that it failed.
	if (outcome.kind === 'fail' && !outcome.call.again)
		return [{ ...run, kind: 'failed', detail: { reason: 'webhook_refused', text: outcome.text } }];
	return [];
}
