import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { findOpenHeads } from '../../engine/activeCadences.ts';
import type { Db, OrgTx } from '../../db/client.ts';
import { checkUnenrollment } from '../../engine/checkUnenrollment.ts';
import { failpoint } from '../../failpoint.ts';
import { loadPlans } from '../loadPlans.ts';
import { getWebhookSecret } from './webhookSecret.ts';
import { settleCalls, type Outcome } from './settleWebhooks.ts';

/** A call in hand: with everything that is posted. */
export type ClaimedCall = {
	orgId: string;
	id: string;
	actionRunId: string;
	enrollmentId: string;
	runNo: number;
	actionId: string;
	recordId: string;
	claim: string;
	attempts: number;
	/** A person asked for it after it had failed. */
	again: boolean;
	sinceFirstMinutes: number;
	receiver: string;
	url: string;
	secret: string;
	body: Buffer;
};

export type WebhookClaim = {
	calls: ClaimedCall[];
	/** Rows that were taken, put off or withdrawn: there may be more. */
	handled: number;
	/** A cadence was being published or (de)activated: look again soon. */
	blocked: boolean;
};

/** Longer than a POST and the writing of its outcome; after it another process may call again (at least once). */
const leaseSeconds = 60;
const holdMinutes = 5;

type Candidate = {
	org_id: string;
	id: string;
	action_run_id: string;
	enrollment_id: string;
	run_no: number;
	action_id: string;
	cadence_id: string;
	record_id: string;
	receiver: string;
	attempts: number;
	since_minutes: number | null;
	queued: boolean;
	again: boolean;
	version_id: string;
	run_status: string;
	live_run_no: number;
	current_action: string | null;
	cadence_state: string;
	cadence_deleted: boolean;
	cadence_name: string;
	record_deleted: boolean;
	enrolled_at: string;
	record: Record<string, unknown>;
};

type Decision =
	| { kind: 'call'; url: string; body: Buffer }
	| { kind: 'withdraw' }
	| { kind: 'wait'; seconds: number; reason: string }
	| { kind: 'fail'; text: string };

/**
 * EXE-2, EXE-10: takes up to `limit` due calls in hand, in one transaction: cadence locks first, un-enrollment on fresh
 * data, then the rows. From its commit on a call is under way: un-enrollment, pause and deactivation that come later do
 * not stop it, those that came before do. A receiver with as many under way as it gets is left out.
 */
export function claimWebhooks(
	db: Db,
	{
		limit,
		underWay,
		perReceiver
	}: { limit: number; underWay: ReadonlyMap<string, number>; perReceiver: number }
): Promise<WebhookClaim> {
	const roomOf = (receiver: string) => perReceiver - (underWay.get(receiver) ?? 0);
	const busy = [...underWay.keys()].filter((receiver) => roomOf(receiver) <= 0);
	return db.transaction(async (tx) => {
		const {
			heads: open,
			passed: isPassed,
			left
		} = await findOpenHeads(tx, (passed) => readHeads(tx, limit, { busy, passed }, roomOf));
		const blocked = isPassed || left;
		if (!open.length) return { calls: [], handled: 0, blocked };
		const unjudged = await checkUnenrollment(
			tx,
			open.map((head) => ({ orgId: head.org_id, enrollmentId: head.enrollment_id }))
		);
		const rows = await readCandidates(tx, open);
		const calls = await apply(tx, await decideAll(tx, rows, unjudged));
		failpoint('webhook.written');
		return { calls, handled: rows.length, blocked };
	});
}

type Head = { id: string; org_id: string; enrollment_id: string; cadence_id: string; receiver: string };

/** The first ones in due order for whose receivers there is room. */
async function readHeads(
	tx: OrgTx,
	limit: number,
	{ busy, passed }: { busy: readonly string[]; passed: readonly string[] },
	roomOf: (receiver: string) => number
): Promise<Head[]> {
	const found = await tx.execute<Head>(sql`
		select id, org_id, enrollment_id, cadence_id, receiver from webhook_calls
		where status = 'queued' and not_before <= app.now() and not receiver = any(${sql.param([...busy])}::text[])
			and cadence_id <> all(${sql.param([...passed])}::uuid[])
		order by not_before, id limit ${limit}`);
	return [...Map.groupBy(found, (head) => head.receiver)].flatMap(([receiver, own]) =>
		own.slice(0, roomOf(receiver))
	);
}

async function readCandidates(
	tx: OrgTx,
	heads: readonly { org_id: string; id: string }[]
): Promise<Candidate[]> {
	const keys = JSON.stringify(heads.map(({ org_id, id }) => ({ org_id, id })));
	const rows = await tx.execute<Candidate>(sql`
		select w.org_id, w.id, w.action_run_id, w.enrollment_id, w.run_no, w.action_id, w.cadence_id, w.record_id, w.receiver, w.attempts,
			extract(epoch from app.now() - w.first_attempt_at)::float8 / 60 as since_minutes,
			w.status = 'queued' and w.not_before <= app.now() as queued,
			w.sent_again_at is not null as again, r.deleted_at is not null as record_deleted,
			-- Sent again, it goes where the live version says: an address that was wrong is mended by publishing.
			case when w.sent_again_at is null then e.version_id else coalesce(c.active_version_id, e.version_id) end as version_id,
			e.status as run_status, e.run_no as live_run_no,
			to_char(e.enrolled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as enrolled_at,
			coalesce(e.race ->> 'actionId', e.current_action_id) as current_action,
			c.state as cadence_state, c.deleted_at is not null as cadence_deleted, c.name as cadence_name,
			jsonb_build_object('id', r.id, 'module', m.key, 'name', r.name, 'ownerId', r.owner_id,
				'tags', to_jsonb(r.tags), 'fields', r.data) as record
		from jsonb_to_recordset(${keys}::jsonb) as k(org_id uuid, id uuid)
		join webhook_calls w on w.org_id = k.org_id and w.id = k.id
		join lateral (select * from enrollments where org_id = w.org_id and id = w.enrollment_id offset 0) e on true
		join lateral (select * from cadences where org_id = w.org_id and id = w.cadence_id offset 0) c on true
		join lateral (select * from records where org_id = w.org_id and id = w.record_id offset 0) r on true
		join modules m on m.org_id = r.org_id and m.id = r.module_id
		order by w.not_before, w.id for update of w skip locked`);
	return rows.filter((row) => row.queued);
}

type Decided = { row: Candidate; decision: Decision };

async function decideAll(
	tx: OrgTx,
	rows: readonly Candidate[],
	unjudged: ReadonlySet<string>
): Promise<Decided[]> {
	const plans = await loadPlans(
		tx,
		rows.map((row) => ({ orgId: row.org_id, versionId: row.version_id }))
	);
	return rows.map((row) => ({ row, decision: decide(row) }));

	function decide(row: Candidate): Decision {
		const live = row.run_status === 'active' || row.run_status === 'paused';
		const isCurrent = row.current_action === null || row.current_action === row.action_id;
		if (row.again && (row.cadence_deleted || row.record_deleted))
			return { kind: 'fail', text: 'The record or the cadence was deleted meanwhile.' };
		if (!row.again && (!live || row.live_run_no !== row.run_no || row.cadence_deleted || !isCurrent))
			return { kind: 'withdraw' };
		if (row.cadence_state !== 'active')
			return { kind: 'wait', seconds: holdMinutes * 60, reason: 'cadence_inactive' };
		if (!row.again && row.run_status === 'paused')
			return { kind: 'wait', seconds: holdMinutes * 60, reason: 'paused' };
		if (!row.again && unjudged.has(row.enrollment_id))
			return { kind: 'wait', seconds: holdMinutes * 60, reason: 'criteria' };
		const node = plans.get(row.version_id)?.nodes[row.action_id];
		if (node?.kind !== 'webhook')
			return { kind: 'fail', text: 'The webhook is not in the version of the cadence any more.' };
		const url = node.config.url.trim();
		return { kind: 'call', url, body: bodyOf(row, node) };
	}
}

/** What the receiver gets; the record as it is at this moment. */
const bodyOf = (row: Candidate, action: { id: string; title: string; followUp: number }): Buffer =>
	Buffer.from(
		JSON.stringify({
			type: 'cadence.webhook',
			timestamp: new Date().toISOString(),
			data: {
				cadence: { id: row.cadence_id, name: row.cadence_name },
				action: { id: action.id, title: action.title, followUp: action.followUp },
				enrollment: { id: row.enrollment_id, run: row.run_no, enrolledAt: row.enrolled_at },
				record: row.record
			}
		})
	);

async function apply(tx: OrgTx, decided: readonly Decided[]): Promise<ClaimedCall[]> {
	const outcomes: Outcome[] = [];
	const calls: ClaimedCall[] = [];
	const claim = randomUUID();
	const byOrg = Map.groupBy(decided, ({ row }) => row.org_id);
	for (const [orgId, own] of byOrg) {
		let secret: string | null = null;
		for (const { row, decision } of own) {
			const call = callOf(row, claim);
			if (decision.kind !== 'call') {
				outcomes.push({ call, from: 'queued', ...decision });
				continue;
			}
			if (secret === null) {
				await tx.execute(sql`select set_config('app.org', ${orgId}, true)`);
				secret = await getWebhookSecret(tx, orgId);
			}
			calls.push({ ...call, attempts: row.attempts + 1, url: decision.url, secret, body: decision.body });
		}
	}
	await settleCalls(tx, outcomes);
	if (calls.length)
		await tx.execute(sql`
			update webhook_calls w set status = 'claimed', claim = ${claim}::uuid, attempts = w.attempts + 1, wait_reason = null,
				first_attempt_at = coalesce(w.first_attempt_at, app.now()),
				lease_until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
			from jsonb_to_recordset(${JSON.stringify(calls.map(({ orgId, id }) => ({ orgId, id })))}::jsonb)
				as k("orgId" uuid, id uuid)
			where w.org_id = k."orgId" and w.id = k.id`);
	return calls;
}

const callOf = (row: Candidate, claim: string) => ({
	orgId: row.org_id,
	id: row.id,
	actionRunId: row.action_run_id,
	enrollmentId: row.enrollment_id,
	runNo: row.run_no,
	actionId: row.action_id,
	recordId: row.record_id,
	claim,
	receiver: row.receiver,
	attempts: row.attempts,
	again: row.again,
	sinceFirstMinutes: row.since_minutes ?? 0
});
