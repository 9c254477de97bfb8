import { createHmac, timingSafeEqual } from 'node:crypto';
import { deriveKey, type KeyPurpose } from '../secrets.ts';

/** What a signed token of a message names. `link` counts the click targets of messages.links from 0. */
export type MessageToken = { messageId: string; link?: number };
type TokenPurpose = Extract<KeyPurpose, 'opens' | 'links' | 'unsubscribe' | 'returns'>;

const uuidBytes = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');
const uuidText = (bytes: Buffer) => {
	const hex = bytes.toString('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
/** HMAC-SHA256 cut to 128 bit; each purpose has a key of its own (RELIABILITY.md 4). */
const sign = (purpose: TokenPurpose, body: Buffer) =>
	createHmac('sha256', deriveKey(purpose)).update(body).digest().subarray(0, 16);

function bodyOf({ messageId, link }: MessageToken): Buffer {
	const id = uuidBytes(messageId);
	if (link === undefined) return id;
	const index = Buffer.alloc(2);
	index.writeUInt16BE(link);
	return Buffer.concat([id, index]);
}

/** Short, URL-safe and without an expiry: links in mails stay good. */
export function createToken(purpose: TokenPurpose, token: MessageToken): string {
	const body = bodyOf(token);
	return Buffer.concat([body, sign(purpose, body)]).toString('base64url');
}

/** What the token names, or null for anything that was not signed for this purpose (S13). */
export function readToken(purpose: TokenPurpose, text: string): MessageToken | null {
	if (!/^[A-Za-z0-9_-]{43}$|^[A-Za-z0-9_-]{46}$/.test(text)) return null;
	const bytes = Buffer.from(text, 'base64url');
	// Trailing bits that base64url ignores would let one token be written in several ways.
	if (bytes.toString('base64url') !== text) return null;
	return verify(purpose, bytes);
}

function verify(purpose: TokenPurpose, bytes: Buffer): MessageToken | null {
	const body = bytes.subarray(0, -16);
	if (!timingSafeEqual(sign(purpose, body), bytes.subarray(-16))) return null;
	const messageId = uuidText(body.subarray(0, 16));
	return body.length === 16 ? { messageId } : { messageId, link: body.readUInt16BE(16) };
}

/** For the local part of a mail address (return path, reply tag): letters and digits only, as some relays change the case. */
export function createAddressTag(messageId: string): string {
	const body = uuidBytes(messageId);
	return base36(Buffer.concat([body, sign('returns', body)]));
}

/** The message a return path or reply tag names; null unless it is ours. */
export function readAddressTag(tag: string): string | null {
	if (!/^[0-9a-z]{50}$/i.test(tag)) return null;
	const bytes = fromBase36(tag.toLowerCase());
	return bytes ? (verify('returns', bytes)?.messageId ?? null) : null;
}

const base36 = (bytes: Buffer) =>
	BigInt(`0x${bytes.toString('hex')}`)
		.toString(36)
		.padStart(50, '0');

function fromBase36(text: string): Buffer | null {
	let value = 0n;
	for (const digit of text) value = value * 36n + BigInt(parseInt(digit, 36));
	const hex = value.toString(16).padStart(64, '0');
	return hex.length === 64 ? Buffer.from(hex, 'hex') : null;
}
