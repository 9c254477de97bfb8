import { randomUUID } from 'node:crypto';
import { sql, type SQL } from 'drizzle-orm';
import type { Plan } from '#lib/domain/plan/plan.ts';
import { findOpenHeads } from '../engine/activeCadences.ts';
import type { Db, OrgTx } from '../db/client.ts';
import { readClock } from '../db/readClock.ts';
import { checkUnenrollment } from '../engine/checkUnenrollment.ts';
import { isRowFault, mayTrySuspects } from '../engine/poison.ts';
import { recordResponses, type NewResponse } from '../engine/recordResponses.ts';
import { failpoint } from '../failpoint.ts';
import { deployedLimits } from '../limits/deployedLimits.ts';
import { notifyOwners } from '../notifications/notifyOwners.ts';
import { decideClaim, type Candidate, type Decision } from './decideClaim.ts';
import { createMessageId } from './email/messageId.ts';
import { loadPlans } from './loadPlans.ts';
import { claimLeaseSeconds, type ClaimedMessage } from './outbox.ts';
import { reserveQuota } from './quota.ts';

/** By how many processes died over it. */
const setSizes = [Infinity, 60, 8];

export type Claim = {
	messages: ClaimedMessage[];
	/** Rows this call looked at, claimed or put off: 0 = the queue is empty for now. */
	seen: number;
	/** A cadence was being published or (de)activated, or somebody holds what is due: look again soon. */
	blocked: boolean;
	/** A process died over them before: nothing else of this kind is taken until they are done, or it would be blamed too. */
	suspect: boolean;
};

/**
 * EXE-2, EXE-6: takes up to `limit` due messages of a channel, in due order, in one transaction: cadence locks first,
 * then un-enrollment on fresh data, then the rows (`skip locked`), quota and fence. Nothing is sent in here. `except`:
 * organizations whose messages stay where they are.
 */
export function claimMessages(
	db: Db,
	channel: 'email' | 'whatsapp',
	limit = 200,
	except: ReadonlySet<string> = new Set()
): Promise<Claim> {
	return db.transaction(async (tx) => {
		// One claim at a time: some 20 ms for hundreds of messages, and the day's last places go in due order (EXE-6).
		await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('cadenza/claim/' || ${channel}, 0))`);
		const { heads, passed: blocked } = await findOpenHeads(tx, (passed) =>
			tx.execute<Head>(sql`
				select id, org_id, enrollment_id, cadence_id, crashes from messages
				where channel = ${channel} and status = 'queued' and not_before <= app.now()
					and cadence_id <> all(${sql.param([...passed])}::uuid[]) and org_id <> all(${sql.param([...except])}::uuid[])
				order by not_before, id limit ${limit}`)
		);
		// What was in hand when a process died is tried in ever smaller sets, so that a message that kills ends up alone.
		const suspicion = heads[0]?.crashes ?? 0;
		const level = suspicion && (await mayTrySuspects(tx)) ? suspicion : 0;
		const open = heads.filter((head) => head.crashes === level).slice(0, setSizes[level] ?? 1);
		if (!open.length) return { messages: [], seen: 0, blocked: blocked || suspicion > 0, suspect: false };
		const unjudged = await checkUnenrollment(
			tx,
			open.map((head) => ({ orgId: head.org_id, enrollmentId: head.enrollment_id }))
		);
		failpoint('claim.checked');
		const rows = await readCandidates(tx, open);
		failpoint('claim.locked');
		// Somebody holds them all (an un-enrollment, say): to ask again at once would be to ask until it is over.
		if (!rows.length) return { messages: [], seen: 0, blocked: true, suspect: false };
		const messages = await decideAll(
			tx,
			rows.filter((row) => row.queued),
			unjudged
		);
		failpoint('claim.written');
		return { messages, seen: open.length, blocked, suspect: level > 0 };
	});
}

type Head = { id: string; org_id: string; enrollment_id: string; cadence_id: string; crashes: number };

/**
 * Each table by its whole key: left to itself the planner without fresh statistics joins along org_id alone (measured: 400
 * rows of a queue of 2,000 in 900 ms instead of 10). The state is looked at after the lock, for the same reason. Planned
 * each time: a plan that is kept from when the tables were small takes whichever index begins with the organization
 * (400 of 40,000: 23 s).
 */
async function readCandidates(
	tx: OrgTx,
	heads: readonly { org_id: string; id: string }[]
): Promise<Candidate[]> {
	const keys = JSON.stringify(heads.map(({ org_id, id }) => ({ org_id, id })));
	const rows = await tx.execute<Candidate>(
		sql`
		select m.org_id, m.id, m.channel, m.action_run_id, m.enrollment_id, m.run_no, m.action_id, m.cadence_id, m.record_id,
			m.template_id, m.sender_id, m.to_address, m.settings, m.attempt, m.crashes,
			m.status = 'queued' and m.not_before <= n.now as queued, m.rfc_message_id,
			extract(epoch from n.now - m.deferred_at)::float8 / 60 as deferred_minutes,
			e.version_id, e.status as run_status, e.run_no as live_run_no,
			coalesce(e.race ->> 'actionId', e.current_action_id) as current_action,
			c.state as cadence_state, c.deleted_at is not null as cadence_deleted,
			(r.deleted_at is not null or r.converted_at is not null or r.merged_into_id is not null) as record_gone,
			r.time_zone as record_zone,
			case m.channel when 'email' then r.email_opt_out else r.whatsapp_opt_out end as opted_out,
			(select s.reason from suppressions s where s.org_id = m.org_id and s.channel = m.channel
				and s.address = m.to_address and s.lifted_at is null order by s.reason = 'bounced' limit 1) as suppressed,
			s.status as sender_status, extract(epoch from s.paused_until - n.now)::float8 / 60 as sender_wait_minutes,
			w.status as account_status, o.time_zone as org_zone, o.day::text as org_day,
			(o.day::timestamp at time zone o.time_zone)::text as day_start,
			((o.day + 1)::timestamp at time zone o.time_zone)::text as next_day,
			o.business_hours, o.holidays, o.mail_domain, o.edition, o.emails_per_day
		from (select app.now() as now offset 0) n cross join jsonb_to_recordset(${keys}::jsonb) as k(org_id uuid, id uuid)
		join messages m on m.org_id = k.org_id and m.id = k.id
		join lateral (select * from enrollments where org_id = m.org_id and id = m.enrollment_id offset 0) e on true
		join lateral (select * from cadences where org_id = m.org_id and id = m.cadence_id offset 0) c on true
		join lateral (select *, app.local_day(n.now, time_zone) as day from organizations where id = m.org_id offset 0) o on true
		join lateral (select * from records where org_id = m.org_id and id = m.record_id offset 0) r on true
		left join lateral (select * from senders where org_id = m.org_id and id = m.sender_id offset 0) s on true
		left join lateral (select * from whatsapp_accounts where m.channel = 'whatsapp' and org_id = m.org_id offset 0) w on true
		order by m.not_before, m.id for update of m skip locked`
	);
	return [...rows];
}

async function decideAll(
	tx: OrgTx,
	rows: Candidate[],
	unjudged: ReadonlySet<string>
): Promise<ClaimedMessage[]> {
	if (!rows.length) return [];
	const plans = await loadPlans(
		tx,
		rows.map((row) => ({ orgId: row.org_id, versionId: row.version_id }))
	);
	const now = await readClock(tx);
	const decided = holdHalfOpen(
		rows.map((row) => {
			const decision = decideAlone(row, plans.get(row.version_id), now);
			return { row, decision: unjudged.has(row.enrollment_id) ? holdUnjudged(decision, now) : decision };
		}),
		now
	);
	await putOff(tx, decided);
	await endWithoutSending(tx, decided);
	const toSend = decided.filter((entry) => entry.decision.kind === 'send').map((entry) => entry.row);
	const granted = toSend[0]?.channel === 'email' ? await withinQuota(tx, toSend) : toSend;
	return markClaimed(tx, granted);
}

type Decided = { row: Candidate; decision: Decision };

/** RELIABILITY.md 2.6: a message that cannot be decided on (a time zone that only the database knows) waits alone. */
function decideAlone(row: Candidate, plan: Plan | undefined, now: number): Decision {
	try {
		return decideClaim(row, plan, now);
	} catch (error) {
		if (!isRowFault(error)) throw error;
		return { kind: 'wait', until: new Date(now + 5 * 60_000), reason: 'window' };
	}
}

/** UNE-5: un-enrollment comes first; while nobody can say whether the run must leave, its message waits. */
const holdUnjudged = (decision: Decision, now: number): Decision =>
	decision.kind === 'withdraw' || decision.kind === 'wait'
		? decision
		: { kind: 'wait', until: new Date(now + 5 * 60_000), reason: 'criteria' };

/** A sender whose pause has just ended shows with one message whether the relay takes it again. */
function holdHalfOpen(decided: Decided[], now: number): Decided[] {
	const tried = new Set<string>();
	return decided.map((entry) => {
		const { row, decision } = entry;
		if (decision.kind !== 'send' || row.sender_status !== 'paused' || !row.sender_id) return entry;
		if (!tried.has(row.sender_id)) {
			tried.add(row.sender_id);
			return entry;
		}
		return { row, decision: { kind: 'wait', until: new Date(now + 15_000), reason: 'sender' } };
	});
}

async function putOff(tx: OrgTx, decided: readonly Decided[]): Promise<void> {
	const rows = decided.flatMap(({ row, decision }) =>
		decision.kind === 'wait'
			? [{ org_id: row.org_id, id: row.id, until: decision.until.toISOString(), reason: decision.reason }]
			: []
	);
	if (!rows.length) return;
	await tx.execute(sql`
		update messages m set not_before = r.until, wait_reason = r.reason
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(org_id uuid, id uuid, until timestamptz, reason text)
		where m.org_id = r.org_id and m.id = r.id`);
}

/** Withdrawn, skipped (EXE-5) and failed messages leave the queue here, with what the engine must know. */
async function endWithoutSending(tx: OrgTx, decided: readonly Decided[]): Promise<void> {
	type Ended = { row: Candidate; decision: Decision; reason: string; text: string | null };
	const ended = decided.flatMap(({ row, decision }): Ended[] => {
		if (decision.kind === 'send' || decision.kind === 'wait') return [];
		const reason = decision.kind === 'withdraw' ? 'withdrawn' : decision.reason;
		const text = decision.kind === 'fail' ? decision.text : null;
		return [{ row, decision, reason, text }];
	});
	if (!ended.length) return;
	await tx.execute(sql`
		update messages m set status = r.status, error_code = r.reason, error_text = r.text, settled_at = app.now(), wait_reason = null
		from jsonb_to_recordset(${JSON.stringify(
			ended.map(({ row, decision, reason, text }) => ({
				org_id: row.org_id,
				id: row.id,
				status: decision.kind === 'fail' ? 'failed' : 'cancelled',
				reason,
				text
			}))
		)}::jsonb) as r(org_id uuid, id uuid, status text, reason text, text text)
		where m.org_id = r.org_id and m.id = r.id`);
	await recordResponses(
		tx,
		ended.flatMap(({ row, decision }): NewResponse[] => {
			const run = {
				orgId: row.org_id,
				enrollmentId: row.enrollment_id,
				runNo: row.run_no,
				actionId: row.action_id
			};
			if (decision.kind === 'skip')
				return [{ ...run, kind: 'sent' as const, detail: { skipped: decision.reason } }];
			if (decision.kind === 'fail')
				return [
					{ ...run, kind: 'failed' as const, detail: { reason: decision.reason, text: decision.text } }
				];
			return [];
		})
	);
	await notifyOwners(
		tx,
		ended.flatMap(({ row, decision }) =>
			decision.kind === 'fail'
				? [
						{
							orgId: row.org_id,
							recordId: row.record_id,
							kind: 'failure' as const,
							title: 'A message could not be sent',
							body: decision.text,
							dedupeKey: `message/${row.id}`
						}
					]
				: []
		)
	);
}

/** EXE-6: the first ones in due order get the day's remaining places; the rest of the org's queue waits for tomorrow. */
async function withinQuota(tx: OrgTx, rows: Candidate[]): Promise<Candidate[]> {
	const byOrg = Map.groupBy(rows, (row) => row.org_id);
	const granted: Candidate[] = [];
	for (const orgId of [...byOrg.keys()].sort()) {
		const own = byOrg.get(orgId)!;
		const { edition, emails_per_day, org_day } = own[0]!;
		const limit = deployedLimits({
			edition,
			addOns: 0,
			actionsPerCadence: null,
			emailsPerDay: emails_per_day
		}).emailsPerDay;
		const places = await reserveQuota(tx, { orgId, day: org_day, limit, wanted: own.length });
		granted.push(...own.slice(0, places));
		if (places < own.length) await waitForTomorrow(tx, own[0]!, own.slice(0, places));
	}
	return granted;
}

/** Of a queue of a million the next claims find the rest: one statement for all would outlast its time limit. */
const putOffAtOnce = 5000;

/** The due order is kept: the day's instants are laid, a thousandth as long, behind midnight. */
async function waitForTomorrow(tx: OrgTx, first: Candidate, keep: readonly Candidate[]): Promise<void> {
	const { org_id, next_day, day_start } = first;
	await tx.execute(sql`
		update messages m set wait_reason = 'limit', not_before = ${next_day}::timestamptz
			+ (greatest(m.not_before, ${day_start}::timestamptz) - ${day_start}::timestamptz) / 1000
		-- By their keys: as a join it may read the whole queue again for each of them.
		where m.org_id = ${org_id} and m.id = any(array(
			select id from messages where org_id = ${org_id} and channel = 'email' and status = 'queued'
				and not_before < ${next_day}::timestamptz and not id = any(${sql.param(keep.map((row) => row.id))}::uuid[])
			order by not_before, id limit ${putOffAtOnce} for update skip locked))`);
}

async function markClaimed(tx: OrgTx, rows: Candidate[]): Promise<ClaimedMessage[]> {
	if (!rows.length) return [];
	const claim = randomUUID();
	const claimed = rows.map((row): ClaimedMessage => ({
		orgId: row.org_id,
		id: row.id,
		channel: row.channel,
		actionRunId: row.action_run_id,
		enrollmentId: row.enrollment_id,
		runNo: row.run_no,
		actionId: row.action_id,
		cadenceId: row.cadence_id,
		recordId: row.record_id,
		versionId: row.version_id,
		templateId: row.template_id,
		senderId: row.sender_id,
		senderPaused: row.sender_status === 'paused',
		toAddress: row.to_address,
		settings: row.settings,
		claim,
		attempt: row.attempt + 1,
		rfcMessageId: row.rfc_message_id ?? createMessageId(row.action_run_id, row.mail_domain),
		quotaDay: row.channel === 'email' ? row.org_day : null,
		deferredMinutes: row.deferred_minutes
	}));
	const columns: SQL = sql`r("orgId" uuid, id uuid, attempt int, "rfcMessageId" text, "quotaDay" date)`;
	await tx.execute(sql`
		update messages m set status = 'claimed', claim = ${claim}::uuid, attempt = r.attempt, wait_reason = null,
			lease_until = clock_timestamp() + make_interval(secs => ${claimLeaseSeconds}),
			rfc_message_id = case when m.channel = 'email' then r."rfcMessageId" end, quota_day = r."quotaDay"
		from jsonb_to_recordset(${JSON.stringify(
			claimed.map(({ orgId, id, attempt, rfcMessageId, quotaDay }) => ({
				orgId,
				id,
				attempt,
				rfcMessageId,
				quotaDay
			}))
		)}::jsonb) as ${columns}
		where m.org_id = r."orgId" and m.id = r.id`);
	return claimed;
}
