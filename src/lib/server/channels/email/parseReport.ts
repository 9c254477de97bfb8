import { storable } from '../storableText.ts';

/** A delivery status notification (RFC 3464) or a complaint (ARF), read from its machine parts alone. */
export type MailReport =
	| {
			kind: 'dsn';
			recipients: { address: string; action: string; status: string; diagnostic: string }[];
			originalMessageId: string | null;
	  }
	| { kind: 'complaint'; feedbackType: string; recipient: string | null; originalMessageId: string | null };

type Part = { headers: Map<string, string>; body: string };

/** Reads a header block; folded lines are joined, the first of equal names counts. */
function readHeaders(block: string): Map<string, string> {
	const headers = new Map<string, string>();
	for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
		const colon = line.indexOf(':');
		if (colon < 1) continue;
		const name = line.slice(0, colon).trim().toLowerCase();
		if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
	}
	return headers;
}

function readPart(text: string): Part {
	const end = /\r?\n\r?\n/.exec(text);
	const head = end ? text.slice(0, end.index) : text;
	const body = end ? text.slice(end.index + end[0].length) : '';
	const headers = readHeaders(head);
	const decoded = decodeBody(body, headers.get('content-transfer-encoding') ?? '');
	return { headers, body: decoded.replaceAll('\u0000', '') };
}

function decodeBody(body: string, encoding: string): string {
	const name = encoding.trim().toLowerCase();
	if (name === 'base64') return Buffer.from(body.replace(/\s+/g, ''), 'base64').toString('utf8');
	if (name !== 'quoted-printable') return body;
	return body
		.replace(/=\r?\n/g, '')
		.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

const parameter = (header: string, name: string): string | null =>
	new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i')
		.exec(header)
		?.slice(1)
		.find(Boolean) ?? null;

const typeOf = (part: Part) =>
	(part.headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
const addressOf = (value: string | undefined) =>
	(value ?? '')
		.replace(/^[^;]*;/, '')
		.replace(/[<>]/g, '')
		.trim()
		.toLowerCase();
const messageIdOf = (text: string) =>
	/^message-id:\s*(<[^>\s]+>)/im.exec(text.replace(/\r?\n[ \t]+/g, ' '))?.[1] ?? null;

/** null: not a report. Reads at most the first megabyte and never throws on junk. */
export function parseReport(raw: Buffer): MailReport | null {
	const message = readPart(raw.subarray(0, 1_048_576).toString('latin1').replaceAll('\u0000', ''));
	const contentType = message.headers.get('content-type') ?? '';
	if (!/^multipart\/report\b/i.test(contentType)) return null;
	const boundary = parameter(contentType, 'boundary');
	if (!boundary || boundary.length > 100) return null;
	const parts = message.body
		.split(`--${boundary}`)
		.slice(1, 12)
		.map((text) => readPart(text.replace(/^[ \t]*\r?\n/, '')));
	const original = parts.find((part) => ['message/rfc822', 'text/rfc822-headers'].includes(typeOf(part)));
	const originalMessageId = original ? messageIdOf(original.body) : null;
	const status = parts.find((part) => typeOf(part) === 'message/delivery-status');
	if (status) return { kind: 'dsn', recipients: recipientsOf(status.body), originalMessageId };
	const feedback = parts.find((part) => typeOf(part) === 'message/feedback-report');
	if (!feedback) return null;
	const headers = readHeaders(feedback.body);
	return {
		kind: 'complaint',
		feedbackType: storable(headers.get('feedback-type') ?? 'other', 40).toLowerCase(),
		recipient: addressOf(headers.get('original-rcpt-to')) || null,
		originalMessageId
	};
}

/** The groups after the first (per-message) one. */
function recipientsOf(body: string) {
	return body
		.split(/\r?\n\s*\r?\n/)
		.map(readHeaders)
		.filter((group) => group.has('final-recipient') || group.has('status'))
		.slice(0, 50)
		.map((group) => ({
			address: addressOf(group.get('final-recipient')),
			action: (group.get('action') ?? '').toLowerCase(),
			status: /\d\.\d{1,3}\.\d{1,3}/.exec(group.get('status') ?? '')?.[0] ?? '',
			diagnostic: storable(group.get('diagnostic-code') ?? '', 300)
		}));
}
