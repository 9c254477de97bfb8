import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { simpleParser, type ParsedMail } from 'mailparser';
import { withOrg, type Db, type OrgTx } from '../../db/client.ts';
import { newId } from '../../db/id.ts';
import { inboundMessages } from '../../db/schema/channels.ts';
import { failpoint } from '../../failpoint.ts';
import { findMessage, recordMessageResponse, type MessageRow } from '../../inbox/messageResponses.ts';
import { notifyOwners } from '../../notifications/notifyOwners.ts';
import { normalizeEmail } from '#lib/domain/crm/addresses.ts';
import { storable } from '../storableText.ts';
import { isAutomaticReply } from './isAutomaticReply.ts';
import { findOrgsOf, matchReply, type Match } from './matchInbound.ts';
import { parseReport } from './parseReport.ts';
import { receiveReport } from './receiveReport.ts';

export type InboundMail = { envelopeFrom: string; recipients: readonly string[]; raw: Buffer };
export type InboundKind =
	'reply' | 'auto_reply' | 'bounce' | 'complaint' | 'unmatched' | 'own' | 'duplicate' | 'ignored';

const flatHeaders = (mail: ParsedMail): Map<string, string> => {
	const lines = new Map<string, string>();
	for (const { key, line } of mail.headerLines)
		if (!lines.has(key))
			lines.set(
				key,
				line
					.slice(line.indexOf(':') + 1)
					.replaceAll('\u0000', '')
					.trim()
			);
	return lines;
};

/** The dedupe key: its own Message-ID, or its bytes. The same mail told twice has one effect. */
const eventIdOf = (mail: ParsedMail | null, raw: Buffer) =>
	mail?.messageId ? storable(mail.messageId, 300) : createHash('sha256').update(raw).digest('hex');

/**
 * One mail that came in: bounce, complaint, automatic answer or reply (EXE-8, CHA-4). Everything it changes is one
 * transaction with its dedupe entry. `db` is the worker's: no organization is known yet.
 */
export async function receiveMail(db: Db, inbound: InboundMail): Promise<InboundKind> {
	const parsed = await simpleParser(inbound.raw, {
		skipTextToHtml: true,
		skipImageLinks: true,
		maxHtmlLengthToParse: 200_000
	}).catch(() => null);
	const eventId = eventIdOf(parsed, inbound.raw);
	const report = parseReport(inbound.raw);
	if (report) return receiveReport(db, inbound, report, eventId);
	if (!parsed) return 'ignored';
	const headers = flatHeaders(parsed);
	const from = normalizeEmail(parsed.from?.value[0]?.address ?? '') ?? '';
	const match = await matchReply(db, {
		inReplyTo: headers.get('in-reply-to') ?? '',
		references: headers.get('references') ?? '',
		from,
		recipients: inbound.recipients
	});
	const automatic = isAutomaticReply({
		headers,
		from,
		envelopeFrom: inbound.envelopeFrom,
		subject: parsed.subject ?? ''
	});
	const text = storable(parsed.text ?? '', 100_000);
	const mail: IncomingText = { from, subject: storable(parsed.subject ?? '', 500), text, eventId, automatic };
	return match ? storeMatched(db, match, mail) : storeUnmatched(db, inbound.recipients, mail);
}

type IncomingText = { from: string; subject: string; text: string; eventId: string; automatic: boolean };

async function storeMatched(db: Db, match: Match, mail: IncomingText): Promise<InboundKind> {
	return withOrg(db, match.orgId, async (tx) => {
		const message = await findMessage(tx, match.orgId, match.messageId);
		if (!message) return 'ignored';
		if (!(await isNewMail(tx, match.orgId, mail.eventId, message.id))) return 'duplicate';
		const kind = await kindOf(tx, match, mail);
		await store(tx, match.orgId, mail, kind, message);
		failpoint('inbound.stored');
		if (kind !== 'reply') return kind;
		await recordMessageResponse(tx, message, { kind: 'replied', payload: { match: match.by } });
		await notifyOwners(tx, [
			{
				orgId: match.orgId,
				recordId: message.record_id,
				kind: 'reply',
				title: 'New reply',
				body: storable(mail.text.trim(), 200) || mail.subject,
				dedupeKey: storable(`mail/${mail.eventId}`, 200)
			}
		]);
		return kind;
	});
}

/** A copy of our own mail, or a colleague's forward, is nobody's answer. */
async function kindOf(tx: OrgTx, match: Match, mail: IncomingText): Promise<'reply' | 'auto_reply' | 'own'> {
	if (mail.automatic) return 'auto_reply';
	const [own] = await tx.execute(sql`
		select 1 as own from senders where org_id = ${match.orgId} and lower(address) = ${mail.from}
		union all select 1 from users where org_id = ${match.orgId} and lower(email) = ${mail.from} limit 1`);
	return own ? 'own' : 'reply';
}

async function storeUnmatched(
	db: Db,
	recipients: readonly string[],
	mail: IncomingText
): Promise<InboundKind> {
	const orgs = await findOrgsOf(db, recipients);
	// With several organizations behind one address nobody can say whose mail it is.
	const orgId = orgs.length === 1 ? orgs[0]! : null;
	if (!orgId || !mail.from) return 'ignored';
	return withOrg(db, orgId, async (tx) => {
		if (!(await isNewMail(tx, orgId, mail.eventId, null))) return 'duplicate';
		await store(tx, orgId, mail, 'unmatched', null);
		return 'unmatched';
	});
}

/** The dedupe ledger: true for the first of equal mails. */
export async function isNewMail(
	tx: OrgTx,
	orgId: string,
	eventId: string,
	messageId: string | null
): Promise<boolean> {
	const rows = await tx.execute(sql`
		insert into inbound_events (org_id, provider, event_id, message_id) values (${orgId}, 'mail', ${eventId}, ${messageId})
		on conflict do nothing returning 1 as new`);
	return rows.length > 0;
}

const store = (tx: OrgTx, orgId: string, mail: IncomingText, kind: string, message: MessageRow | null) =>
	tx.insert(inboundMessages).values({
		orgId,
		id: newId(),
		channel: 'email',
		messageId: message?.id ?? null,
		recordId: message?.record_id ?? null,
		fromAddress: mail.from,
		subject: mail.subject,
		text: mail.text,
		kind
	});
