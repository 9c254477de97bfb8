import { withOrg, type Db, type OrgTx } from '../../db/client.ts';
import { newId } from '../../db/id.ts';
import { inboundMessages } from '../../db/schema/channels.ts';
import { findMessage, recordMessageResponse, type MessageRow } from '../../inbox/messageResponses.ts';
import { notifyOwners } from '../../notifications/notifyOwners.ts';
import { suppressAddresses } from '../../suppressions/suppressAddresses.ts';
import { classifyStatus } from './classify.ts';
import { findByRfcId, findByTag, findOrgsOf } from './matchInbound.ts';
import type { MailReport } from './parseReport.ts';
import { isNewMail, type InboundKind, type InboundMail } from './receiveMail.ts';
import { pauseSenders } from './senderBreaker.ts';

type BounceVerdict = 'hard' | 'soft' | 'sender' | 'none';

/** EXE-11: from the machine fields; a delay is no bounce, and what blames the sender fails nobody. */
function judgeBounce(recipient: { action: string; status: string }): BounceVerdict {
	if (recipient.action !== 'failed') return 'none';
	const kind = recipient.status ? classifyStatus(recipient.status) : null;
	if (kind === 'recipientHard') return 'hard';
	if (kind === 'sender') return 'sender';
	return 'soft';
}

/** A bounce or a complaint: by the signed return path, then by the Message-ID of the mail it returns. */
export async function receiveReport(
	db: Db,
	inbound: InboundMail,
	report: MailReport,
	eventId: string
): Promise<InboundKind> {
	const match =
		(await findByTag(db, inbound.recipients)) ??
		(report.originalMessageId
			? await findByRfcId(db, report.originalMessageId, await findOrgsOf(db, inbound.recipients))
			: null);
	if (!match) return 'ignored';
	return withOrg(db, match.orgId, async (tx) => {
		const message = await findMessage(tx, match.orgId, match.messageId);
		if (!message) return 'ignored';
		if (!(await isNewMail(tx, match.orgId, eventId, message.id))) return 'duplicate';
		return report.kind === 'dsn' ? applyBounce(tx, message, report) : applyComplaint(tx, message, report);
	});
}

async function applyBounce(
	tx: OrgTx,
	message: MessageRow,
	report: Extract<MailReport, { kind: 'dsn' }>
): Promise<InboundKind> {
	const recipient =
		report.recipients.find((one) => one.address === message.to_address) ?? report.recipients[0];
	const verdict = recipient ? judgeBounce(recipient) : 'none';
	const text = `${recipient?.status ?? ''} ${recipient?.diagnostic ?? ''}`.trim();
	if (verdict === 'none') return 'ignored';
	await keep(tx, message, 'bounce', text);
	if (verdict === 'sender') {
		await pauseSenders(tx, [{ orgId: message.org_id, senderId: message.sender_id, text }]);
		return 'bounce';
	}
	if (verdict === 'hard')
		await suppressAddresses(tx, [
			{
				orgId: message.org_id,
				channel: 'email',
				address: message.to_address,
				reason: 'bounced',
				source: `dsn ${recipient?.status ?? ''}`.trim(),
				messageId: message.id
			}
		]);
	await recordMessageResponse(tx, message, {
		kind: 'bounced',
		parameter: verdict,
		detail: { reason: verdict === 'hard' ? 'address_bounced' : 'provider_refused', text },
		payload: { status: recipient?.status ?? '' }
	});
	await notifyOwners(tx, [
		{
			orgId: message.org_id,
			recordId: message.record_id,
			kind: 'bounce',
			title: 'An e-mail bounced',
			body: text,
			dedupeKey: `message/${message.id}`
		}
	]);
	return 'bounce';
}

async function applyComplaint(
	tx: OrgTx,
	message: MessageRow,
	report: Extract<MailReport, { kind: 'complaint' }>
): Promise<InboundKind> {
	await keep(tx, message, 'complaint', report.feedbackType);
	if (report.feedbackType === 'not-spam') return 'complaint';
	await suppressAddresses(tx, [
		{
			orgId: message.org_id,
			channel: 'email',
			address: message.to_address,
			reason: 'complaint',
			source: report.feedbackType,
			messageId: message.id
		}
	]);
	await recordMessageResponse(tx, message, { kind: 'unsubscribed', payload: { source: 'complaint' } });
	return 'complaint';
}

const keep = (tx: OrgTx, message: MessageRow, kind: 'bounce' | 'complaint', text: string) =>
	tx.insert(inboundMessages).values({
		orgId: message.org_id,
		id: newId(),
		channel: 'email',
		messageId: message.id,
		recordId: message.record_id,
		fromAddress: message.to_address,
		text,
		kind
	});
