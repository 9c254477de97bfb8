import { sql } from 'drizzle-orm';
import { withOrg, type Db, type OrgTx } from '../../db/client.ts';
import { newId } from '../../db/id.ts';
import { inboundMessages } from '../../db/schema/channels.ts';
import { failpoint } from '../../failpoint.ts';
import { isRowFault } from '../../engine/poison.ts';
import { findMessage, recordMessageResponse, type MessageRow } from '../../inbox/messageResponses.ts';
import { getLog } from '../../log.ts';
import { notifyOwners } from '../../notifications/notifyOwners.ts';
import { suppressAddresses } from '../../suppressions/suppressAddresses.ts';
import { storable } from '../storableText.ts';
import {
	readIncoming,
	type WhatsappIncoming,
	type WhatsappPreference,
	type WhatsappStatus,
	type WhatsappWebhook
} from './webhookPayload.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const stopWords = /^\s*(stop|unsubscribe|stopp|abmelden)\s*[.!]?\s*$/i;
const toPhone = (id: string | undefined) => (id && /^\d{5,20}$/.test(id) ? `+${id}` : null);

/**
 * CHA-3: applies the events of one webhook, each in a transaction with its dedupe entry: told three times, shuffled or
 * days late, each has one effect, and a status never goes backwards.
 */
export async function applyWebhook(db: Db, orgId: string, webhook: WhatsappWebhook): Promise<void> {
	const apply = (work: (tx: OrgTx) => Promise<void>) => applyApart(db, orgId, work);
	for (const { value } of webhook.entry.flatMap((entry) => entry.changes)) {
		for (const status of value.statuses ?? []) await apply((tx) => applyStatus(tx, orgId, status));
		for (const message of value.messages ?? []) await apply((tx) => applyIncoming(tx, orgId, message));
		for (const preference of value.user_preferences ?? [])
			await apply((tx) => applyPreference(tx, orgId, preference));
		const { event, message_template_id: templateId } = value;
		if (event && templateId !== undefined)
			await apply((tx) => applyTemplateEvent(tx, orgId, String(templateId), event));
	}
}

/** An event that the database refuses would be refused each time it is brought again, and with it all that come after. */
async function applyApart(db: Db, orgId: string, work: (tx: OrgTx) => Promise<void>): Promise<void> {
	try {
		await withOrg(db, orgId, work);
	} catch (error) {
		if (!isRowFault(error)) throw error;
		getLog().error({ error, orgId }, 'WhatsApp event not stored');
	}
}

/** By our own id, which the API echoes, also for a send whose answer was lost; else by the provider's. */
async function findByStatus(tx: OrgTx, orgId: string, status: WhatsappStatus): Promise<MessageRow | null> {
	const own = status.biz_opaque_callback_data;
	if (own && uuid.test(own)) {
		const message = await findMessage(tx, orgId, own);
		if (message?.channel === 'whatsapp') return message;
	}
	return findByProviderId(tx, orgId, status.id);
}

async function findByProviderId(tx: OrgTx, orgId: string, providerId: string): Promise<MessageRow | null> {
	const [row] = await tx.execute<{ id: string }>(sql`
		select id from messages where org_id = ${orgId} and provider_id = ${providerId} and channel = 'whatsapp'`);
	return row ? findMessage(tx, orgId, row.id) : null;
}

/** The dedupe ledger: true for the first of equal events. */
async function isNew(tx: OrgTx, orgId: string, eventId: string): Promise<boolean> {
	const rows = await tx.execute(sql`
		insert into inbound_events (org_id, provider, event_id) values (${orgId}, 'whatsapp', ${eventId})
		on conflict do nothing returning 1 as new`);
	return rows.length > 0;
}

async function applyStatus(tx: OrgTx, orgId: string, status: WhatsappStatus): Promise<void> {
	const message = await findByStatus(tx, orgId, status);
	if (!message || !(await isNew(tx, orgId, `${status.id}/${status.status}`))) return;
	await tx.execute(sql`
		update messages set provider_id = coalesce(provider_id, ${status.id})
		where org_id = ${orgId} and id = ${message.id} and status not in ('queued', 'claimed')`);
	switch (status.status) {
		case 'sent':
			return settleDoubt(tx, message);
		case 'delivered':
			await recordMessageResponse(tx, message, { kind: 'delivered' });
			return;
		case 'read':
		case 'played':
			// `delivered` is left out when the message is read at once.
			await recordMessageResponse(tx, message, { kind: 'delivered', payload: { reason: 'implied by read' } });
			await recordMessageResponse(tx, message, { kind: 'read' });
			return;
		case 'failed':
			return applyFailure(tx, message, status);
	}
}

const settleDoubt = async (tx: OrgTx, message: MessageRow): Promise<void> => {
	await tx.execute(sql`
		update messages set status = 'sent', resolution = 'evidence', resolved_at = app.now()
		where org_id = ${message.org_id} and id = ${message.id} and status = 'unknown'`);
};

/**
 * Several devices: a failure may come before or after a delivery, which then stands. Of an attempt before the one that was
 * taken it says nothing about that one.
 */
async function applyFailure(tx: OrgTx, message: MessageRow, status: WhatsappStatus): Promise<void> {
	const [error] = status.errors ?? [];
	const text =
		`${error?.code ?? ''} ${error?.error_data?.details || error?.message || error?.title || ''}`.trim();
	const failed = await tx.execute(sql`
		update messages set status = 'failed', error_code = ${String(error?.code ?? 'failed')}, error_text = ${storable(text, 300)}
		where org_id = ${message.org_id} and id = ${message.id} and delivered_at is null and read_at is null and provider_id = ${status.id}
			and status in ('sent', 'unknown', 'sending') returning 1 as done`);
	if (!failed.length) return;
	if (error?.code === 131050) await suppress(tx, message.org_id, message.to_address, 'api', message.id);
	await recordMessageResponse(tx, message, { kind: 'failed', detail: { reason: 'provider_refused', text } });
	await notifyOwners(tx, [
		{
			orgId: message.org_id,
			recordId: message.record_id,
			kind: 'failure',
			title: 'A WhatsApp message failed',
			body: text,
			dedupeKey: `message/${message.id}`
		}
	]);
}

async function applyIncoming(tx: OrgTx, orgId: string, incoming: WhatsappIncoming): Promise<void> {
	if (incoming.type === 'system' || !(await isNew(tx, orgId, `in/${incoming.id}`))) return;
	const from = toPhone(incoming.from);
	const { text, button } = readIncoming(incoming);
	const message =
		(incoming.context?.id ? await findByProviderId(tx, orgId, incoming.context.id) : null) ??
		(from ? await findLastTo(tx, orgId, from) : null);
	await tx.insert(inboundMessages).values({
		orgId,
		id: newId(),
		channel: 'whatsapp',
		messageId: message?.id ?? null,
		recordId: message?.record_id ?? null,
		fromAddress: from ?? message?.to_address ?? 'unknown',
		text: storable(text, 10_000),
		kind: message ? 'reply' : 'unmatched'
	});
	failpoint('inbound.stored');
	// Who has a user name tells no number; that of some countries is told in another way than it was dialed.
	if (stopWords.test(text))
		for (const number of new Set([from, message?.to_address]))
			if (number) await suppress(tx, orgId, number, 'reply', message?.id ?? null);
	if (!message) return;
	await recordMessageResponse(tx, message, { kind: 'replied', parameter: button });
	await notifyOwners(tx, [
		{
			orgId,
			recordId: message.record_id,
			kind: 'reply',
			title: 'New WhatsApp reply',
			body: storable(text, 200),
			dedupeKey: storable(`whatsapp/${incoming.id}`, 200)
		}
	]);
}

/** Without a quoted message: the last one we sent to that number while its run is open. */
async function findLastTo(tx: OrgTx, orgId: string, phone: string): Promise<MessageRow | null> {
	const [row] = await tx.execute<{ id: string }>(sql`
		select m.id from messages m join enrollments e on e.org_id = m.org_id and e.id = m.enrollment_id and e.run_no = m.run_no
		where m.org_id = ${orgId} and m.to_address = ${phone} and m.channel = 'whatsapp' and m.sent_at is not null
			and e.status in ('active', 'paused') order by m.sent_at desc limit 1`);
	return row ? findMessage(tx, orgId, row.id) : null;
}

const suppress = (tx: OrgTx, orgId: string, address: string, source: string, messageId: string | null) =>
	suppressAddresses(tx, [{ orgId, channel: 'whatsapp', address, reason: 'opt_out', source, messageId }]);

/** `stop` ends marketing templates; `resume` alone is no consent (CHANNELS.md 6). */
async function applyPreference(tx: OrgTx, orgId: string, preference: WhatsappPreference): Promise<void> {
	const phone = toPhone(preference.wa_id);
	if (!phone || preference.category !== 'marketing_messages' || preference.value !== 'stop') return;
	// Brought again after somebody had lifted it, it is no new wish.
	const { timestamp } = preference;
	if (timestamp !== undefined && !(await isNew(tx, orgId, `stop/${phone}/${timestamp}`))) return;
	await suppress(tx, orgId, phone, 'preference', null);
}

/** Events of a template become its status; a pause or rejection stops it at once. */
async function applyTemplateEvent(
	tx: OrgTx,
	orgId: string,
	providerId: string,
	event: string
): Promise<void> {
	const status = event === 'REINSTATED' || event === 'UNARCHIVED' ? 'APPROVED' : event;
	if (!/^[A-Z_]{3,40}$/.test(status) || status === 'FLAGGED' || status === 'LOCKED') return;
	await tx.execute(sql`
		update whatsapp_templates set status = ${status}, synced_at = app.now()
		where org_id = ${orgId} and provider_id = ${providerId}`);
}
