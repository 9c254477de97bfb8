import MailComposer from 'nodemailer/lib/mail-composer';
import { normalizeEmail } from '#lib/domain/crm/addresses.ts';
import { createAddressTag } from '../tokens.ts';

/** A text ready to leave: values merged, links tracked. */
export type MailParts = {
	messageId: string;
	rfcMessageId: string;
	mailDomain: string;
	to: string;
	from: { name: string; address: string };
	/** Empty: answers come back to our own listener under a signed tag. */
	replyTo: string;
	subject: string;
	html: string;
	text: string;
	unsubscribeUrl: string;
	/** Message-IDs of the mails it continues, oldest first (CHANNELS.md 4). */
	thread: string[];
	/** `cadence:step:organization:sender` for Postmaster reports. */
	feedbackId: string;
};

export type ComposedMail = { from: string; to: string; raw: Buffer };

/**
 * The bytes of one mail and its envelope: one recipient, address objects only, VERP return path, both unsubscribe
 * headers (RFC 8058), our own Message-ID (CHA-1, S10).
 */
export async function composeMessage(parts: MailParts): Promise<ComposedMail> {
	const tag = createAddressTag(parts.messageId);
	const to = requireAddress(parts.to);
	const from = requireAddress(parts.from.address);
	const name = cleanName(parts.from.name);
	const replyTo = parts.replyTo ? requireAddress(parts.replyTo) : `r+${tag}@${parts.mailDomain}`;
	const parent = parts.thread.at(-1);
	const raw = await new MailComposer({
		from: { name, address: from },
		to: [{ name: '', address: to }],
		replyTo: { name, address: replyTo },
		subject: parts.subject
			.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
			.trim()
			.slice(0, 500),
		html: parts.html,
		text: parts.text,
		messageId: parts.rfcMessageId,
		...(parent ? { inReplyTo: parent, references: parts.thread.slice(-20) } : {}),
		headers: {
			'List-Unsubscribe': `<${parts.unsubscribeUrl}>`,
			'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
			'Feedback-ID': parts.feedbackId
		},
		disableFileAccess: true,
		disableUrlAccess: true
	})
		.compile()
		.build();
	return { from: `b+${tag}@${parts.mailDomain}`, to, raw };
}

/** A display name for a header: no line breaks, no brackets that could begin an address. */
const cleanName = (name: string): string =>
	name
		.replace(/[\p{Cc}\p{Zl}\p{Zp}"<>]+/gu, ' ')
		.trim()
		.slice(0, 120);

function requireAddress(address: string): string {
	const normal = normalizeEmail(address);
	if (!normal) throw new Error('An address of this message is not a single plain address.');
	return normal;
}
