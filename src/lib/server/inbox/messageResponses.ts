import { sql } from 'drizzle-orm';
import type { ResponseKind } from '#lib/domain/cadence/responses.ts';
import type { Executor, OrgTx } from '../db/client.ts';
import { recordResponses } from '../engine/recordResponses.ts';
import { failpoint } from '../failpoint.ts';

/** The columns of a message that a response to it needs. */
export type MessageRow = {
	id: string;
	org_id: string;
	channel: 'email' | 'whatsapp';
	status: string;
	enrollment_id: string;
	run_no: number;
	action_id: string;
	record_id: string;
	sender_id: string | null;
	to_address: string;
	links: string[] | null;
	/** Seconds since the hand-over; null while it is not settled. */
	since_sent: number | null;
};

/** The organization of a message, before any is known (a definer function that answers with the id alone). */
export async function findMessageOrg(db: Executor, messageId: string): Promise<string | null> {
	const [row] = await db.execute<{ org: string | null }>(
		sql`select app.message_org(${messageId}::uuid) as org`
	);
	return row?.org ?? null;
}

export async function findMessage(tx: OrgTx, orgId: string, messageId: string): Promise<MessageRow | null> {
	const [row] = await tx.execute<MessageRow>(sql`
		select id, org_id, channel, status, enrollment_id, run_no, action_id, record_id, sender_id, to_address, links,
			extract(epoch from app.now() - sent_at)::float8 as since_sent
		from messages where org_id = ${orgId} and id = ${messageId}`);
	return row ?? null;
}

export type MessageResponse = {
	kind: ResponseKind;
	parameter?: string | null;
	machine?: boolean;
	detail?: Record<string, unknown> | null;
	/** Kept with the dedupe entry so that reports can be cut again: raw facts and the verdict's reason. */
	payload?: Record<string, unknown>;
};

/**
 * Records what came back from a message, each (kind, parameter, human or machine) once per message however often it is
 * told. Returns whether it was new.
 */
export async function recordMessageResponse(
	tx: OrgTx,
	message: MessageRow,
	response: MessageResponse
): Promise<boolean> {
	const { kind, parameter = null, machine = false } = response;
	const eventId = [message.id, kind, parameter ?? '', machine ? 'machine' : 'human'].join('/');
	const inserted = await tx.execute(sql`
		insert into inbound_events (org_id, provider, event_id, message_id, payload)
		values (${message.org_id}, 'message', ${eventId}, ${message.id}, ${JSON.stringify(response.payload ?? {})}::jsonb)
		on conflict do nothing returning 1 as new`);
	if (!inserted.length) return false;
	await recordResponses(tx, [
		{
			orgId: message.org_id,
			enrollmentId: message.enrollment_id,
			runNo: message.run_no,
			actionId: message.action_id,
			kind,
			parameter,
			machine,
			detail: response.detail ?? null
		}
	]);
	failpoint('inbound.recorded');
	await touchMessage(tx, message, kind, machine);
	return true;
}

/**
 * First time of each kind on the message; any sign of life also settles a doubtful send (RELIABILITY.md 2.3): who reports
 * that a message could not be delivered has had it.
 */
async function touchMessage(
	tx: OrgTx,
	message: MessageRow,
	kind: ResponseKind,
	machine: boolean
): Promise<void> {
	const column: Partial<Record<ResponseKind, ReturnType<typeof sql.identifier>>> = {
		opened: sql.identifier('opened_at'),
		clicked: sql.identifier('clicked_at'),
		replied: sql.identifier('replied_at'),
		bounced: sql.identifier('bounced_at'),
		delivered: sql.identifier('delivered_at'),
		read: sql.identifier('read_at')
	};
	const at = machine ? undefined : column[kind];
	// EXE-7: who clicks or answers has opened it.
	const opens = !machine && (kind === 'clicked' || kind === 'replied');
	await tx.execute(sql`
		update messages set
			resolution = case when status = 'unknown' and ${kind} <> 'failed' then 'evidence' else resolution end,
			resolved_at = case when status = 'unknown' and ${kind} <> 'failed' then app.now() else resolved_at end,
			status = case when status = 'unknown' and ${kind} <> 'failed' then 'sent' else status end
			${at ? sql`, ${at} = coalesce(${at}, app.now())` : sql``}
			${opens ? sql`, opened_at = coalesce(opened_at, app.now())` : sql``}
		where org_id = ${message.org_id} and id = ${message.id}`);
}
