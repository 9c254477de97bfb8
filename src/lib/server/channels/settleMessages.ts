import { sql } from 'drizzle-orm';
import type { Db, Executor, OrgTx } from '../db/client.ts';
import { executePrepared } from '../db/prepared.ts';
import type { NewResponse } from '../engine/recordResponses.ts';
import type { WakeUps } from '../engine/wakeUps.ts';
import { isRowFault } from '../engine/poison.ts';
import { failpoint } from '../failpoint.ts';
import { getLog } from '../log.ts';
import { suppressAddresses } from '../suppressions/suppressAddresses.ts';
import { notifyOwners } from '../notifications/notifyOwners.ts';
import { Batcher } from './batcher.ts';
import { pauseSenders, resumeSenders } from './email/senderBreaker.ts';
import { isHeardOf } from './heardOf.ts';
import type { Settlement } from './outbox.ts';
import { releaseQuota } from './quota.ts';
import { retryRefused } from './retryRefused.ts';
import { retryWrite } from './retryWrite.ts';

/** The columns one outcome sets. */
function rowOf(settlement: Settlement) {
	const { message, from } = settlement;
	const fence = {
		orgId: message.orgId,
		id: message.id,
		claim: message.claim,
		attempt: message.attempt,
		from,
		said: responseOf(settlement)
	};
	const blank = {
		minutes: null,
		wait: null,
		code: null,
		text: null,
		providerId: null,
		deferred: false,
		bounced: false,
		untried: false
	};
	switch (settlement.kind) {
		case 'sent':
			return { ...fence, ...blank, status: 'sent', providerId: settlement.providerId };
		case 'doubtful':
			return { ...fence, ...blank, status: 'unknown', text: settlement.text };
		case 'queued':
			return {
				...fence,
				...blank,
				status: 'queued',
				minutes: settlement.afterMinutes,
				wait: settlement.waitReason,
				code: settlement.code,
				text: settlement.text,
				deferred: settlement.deferred,
				untried: settlement.code === ''
			};
		case 'bounced':
		case 'failed':
			return {
				...fence,
				...blank,
				status: 'failed',
				code: settlement.code,
				text: settlement.text,
				bounced: settlement.kind === 'bounced'
			};
	}
}

/** What the engine is told; a message that goes back into the queue tells nothing. */
function responseOf(settlement: Settlement): Pick<NewResponse, 'kind' | 'parameter' | 'detail'> | null {
	switch (settlement.kind) {
		case 'queued':
			return null;
		case 'sent':
			return { kind: 'sent' };
		case 'doubtful':
			return { kind: 'sent', detail: { doubtful: true } };
		case 'bounced':
			return {
				kind: 'bounced',
				parameter: settlement.hard ? 'hard' : 'soft',
				detail: { reason: settlement.hard ? 'address_bounced' : 'provider_refused', text: settlement.text }
			};
		case 'failed':
			return { kind: 'failed', detail: { reason: settlement.reason, text: settlement.text } };
	}
}

type Landed = { id: string; org_id: string; quota_day: string | null; status: string };

/**
 * Writes what became of hand-overs, in sets: state, and the response for the engine, in one statement. Rows whose fence no
 * longer holds are left alone. It tells them in no particular order: different runs do not meet, and of one run at most one
 * message is its current action's; what comes of an earlier one is late in either order (EXE-9). Each row by its key: the
 * plan is kept, and one from when the table was small reads all of it for every set.
 * EXE-10: an acceptance or a refusal that is heard after the lease ran out (a slow relay, a database that was away) is the
 * evidence that ends the doubt over this very hand-over. The engine was told of a sending when it became doubtful; of a
 * refusal it hears now.
 */
const writeOutcomes = (tx: Executor, settlements: readonly Settlement[]): Promise<Landed[]> =>
	executePrepared<Landed>(
		tx,
		sql`
		with clock as materialized (select app.now() as now),
			r as (select * from jsonb_to_recordset(${JSON.stringify(settlements.map(rowOf))}::jsonb) as r("orgId" uuid, id uuid,
				claim uuid, attempt int, "from" text, status text, minutes float8, wait text, code text, text text,
				"providerId" text, deferred boolean, bounced boolean, untried boolean, said jsonb)),
			locked as (select m.* from (select "orgId", id from r order by 1, 2) k cross join lateral (
				select org_id, id, quota_day, status as was from messages where org_id = k."orgId" and id = k.id offset 0 for update) m),
			landed as (update messages m set status = case when r.status = 'unknown' and ${isHeardOf} then 'sent' else r.status end, lease_until = null, crashes = 0,
			claim = case when r.status = 'queued' then null else m.claim end,
			-- EXE-11: the schedule goes by what the relay was asked, not by claims that were given back.
			attempt = case when r.untried then m.attempt - 1 else m.attempt end,
			sent_at = case when l.was <> 'unknown' and r.status in ('sent', 'unknown') then clock.now else m.sent_at end,
			-- Doubtful again after "send again": listed again.
			resolution = case when l.was = 'unknown' or (r.status = 'unknown' and ${isHeardOf}) then 'evidence' when r.status = 'unknown' then null else m.resolution end,
			resolved_at = case when l.was = 'unknown' or (r.status = 'unknown' and ${isHeardOf}) then clock.now else m.resolved_at end,
			settled_at = case when r.status = 'queued' then null else clock.now end,
			provider_id = coalesce(r."providerId", m.provider_id),
			bounced_at = case when r.bounced then clock.now else m.bounced_at end,
			not_before = case when r.minutes is null then m.not_before else clock.now + make_interval(secs => r.minutes * 60) end,
			wait_reason = r.wait, error_code = r.code, error_text = r.text,
			deferred_at = case when r.deferred then coalesce(m.deferred_at, clock.now) else m.deferred_at end,
			quota_day = case when r.status in ('queued', 'failed') then null else m.quota_day end
		from r, locked l, clock
		where l.org_id = r."orgId" and l.id = r.id and m.org_id = l.org_id and m.id = l.id
			and (m.status = r."from" or (m.status = 'unknown' and r.status in ('sent', 'failed'))) and m.claim = r.claim and m.attempt = r.attempt
		returning m.id, m.org_id, l.quota_day::text, l.was, m.status, m.enrollment_id, m.run_no, m.action_id, r.said),
			told as (insert into responses (org_id, enrollment_id, run_no, action_id, kind, parameter, detail, at)
				select org_id, enrollment_id, run_no, action_id, said ->> 'kind', said ->> 'parameter', said -> 'detail',
					clock.now from landed, clock where said is not null and (was <> 'unknown' or status = 'failed'))
		select id, org_id, quota_day, status from landed`
	);

/** Nothing but state and response follows from it. */
const isPlain = (settlement: Settlement): boolean =>
	settlement.kind === 'doubtful' || (settlement.kind === 'sent' && !settlement.message.senderPaused);

/** Almost every set is one statement, which needs no transaction around it: three waits for the database are one. */
async function settleMessages(db: Db, settlements: readonly Settlement[]): Promise<void> {
	if (settlements.every(isPlain)) await writeOutcomes(db, settlements);
	else await db.transaction(async (tx) => follow(tx, settlements, await writeOutcomes(tx, settlements)));
}

/** An outcome that the database refuses keeps none of its neighbours from being written. */
async function settleApart(db: Db, settlements: readonly Settlement[]): Promise<void> {
	try {
		await retryWrite(() => settleMessages(db, settlements));
	} catch (error) {
		if (settlements.length === 1 || !isRowFault(error)) throw error;
		const middle = settlements.length >> 1;
		for (const part of [settlements.slice(0, middle), settlements.slice(middle)])
			await settleApart(db, part).catch((refused: unknown) =>
				getLog().error({ error: refused }, 'outcome of a hand-over not written')
			);
	}
}

/** A late refusal tried again, quota given back, suppression, circuit breaker and the owner's notice. */
async function follow(
	tx: OrgTx,
	settlements: readonly Settlement[],
	landed: readonly Landed[]
): Promise<void> {
	const ids = new Set(landed.map((row) => row.id));
	const own = settlements.filter(({ message }) => ids.has(message.id));
	await retryRefused(
		tx,
		settlements
			.filter(({ kind, from, message }) => kind === 'queued' && from === 'sending' && !ids.has(message.id))
			.map(rowOf)
	);
	// Sent one behind the other without waiting in between.
	await Promise.all([
		releaseQuota(
			tx,
			landed
				.filter((row) => row.quota_day && (row.status === 'queued' || row.status === 'failed'))
				.map((row) => ({ orgId: row.org_id, day: row.quota_day! }))
		),
		suppressAddresses(
			tx,
			own
				.filter((s) => s.kind === 'bounced' && s.hard)
				.map(({ message }) => ({
					orgId: message.orgId,
					channel: 'email' as const,
					address: message.toAddress,
					reason: 'bounced' as const,
					source: 'relay',
					messageId: message.id
				}))
		),
		resumeSenders(
			tx,
			own.filter((s) => s.kind === 'sent' && s.message.senderPaused).map(({ message }) => message)
		),
		pauseSenders(
			tx,
			own
				.filter((s) => s.kind === 'queued' && s.senderPause === true)
				.map((s) => ({ ...s.message, text: s.kind === 'queued' ? s.text : '' }))
		),
		notifyOwners(
			tx,
			own
				.filter((s) => s.kind === 'bounced' || s.kind === 'failed')
				.map((s) => ({
					orgId: s.message.orgId,
					recordId: s.message.recordId,
					kind: s.kind === 'bounced' ? ('bounce' as const) : ('failure' as const),
					title: s.kind === 'bounced' ? 'An e-mail bounced' : 'A message could not be sent',
					body: s.kind === 'bounced' || s.kind === 'failed' ? s.text : '',
					dedupeKey: `message/${s.message.id}`
				}))
		)
	]);
}

/** No line waits for the outcome before last: half as many commits. */
const gatherMs = 8;

/**
 * Settles as outcomes arrive, many at once, again and again until they land. The engine is told after the commit, and not
 * of each set.
 */
export const createSettlements = (db: Db, engine: Pick<WakeUps, 'soon'>): Batcher<Settlement, null> =>
	new Batcher(
		async (settlements) => {
			failpoint('settle.begun');
			await settleApart(db, settlements);
			failpoint('settle.committed');
			engine.soon();
			return settlements.map(() => null);
		},
		{ gatherMs }
	);
