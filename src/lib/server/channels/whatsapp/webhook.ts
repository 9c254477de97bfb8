import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sql } from 'drizzle-orm';
import { withOrg, type Db } from '../../db/client.ts';
import { readBody } from '../../inbox/readBody.ts';
import { getLog } from '../../log.ts';
import { unseal } from '../../secrets.ts';
import { storable } from '../storableText.ts';
import { findWhatsappAccount, secretPlace, type WhatsappAccount } from './account.ts';
import { applyWebhook } from './applyWebhook.ts';
import { webhookSchema, type WhatsappWebhook } from './webhookPayload.ts';

const MAX_BYTES = 4 * 1024 * 1024;

/** GET: the handshake. POST: events, signed over the raw bytes; 200 only after their effect is stored (S17). */
export async function handleWhatsapp(
	db: Db,
	_rest: string,
	req: IncomingMessage,
	res: ServerResponse
): Promise<void> {
	if (req.method === 'GET') return handshake(db, req, res);
	if (req.method !== 'POST') return answer(res, 405);
	const raw = await readBody(req, MAX_BYTES);
	if (!raw) return answer(res, 413);
	const accounts = await verifiedAccounts(db, raw, req.headers['x-hub-signature-256']);
	if (!accounts.length) return answer(res, 401);
	const payload = webhookSchema.safeParse(parse(raw));
	// Signed but not understood: answering with an error would only bring it again for days.
	if (!payload.success)
		getLog().warn({ issues: payload.error.issues.length }, 'WhatsApp webhook not understood');
	else for (const account of accounts) await applyWebhook(db, account.orgId, toldOf(account, payload.data));
	answer(res, 200);
}

async function handshake(db: Db, req: IncomingMessage, res: ServerResponse): Promise<void> {
	const query = new URL(req.url ?? '/', 'http://localhost').searchParams;
	const token = query.get('hub.verify_token') ?? '';
	const challenge = query.get('hub.challenge') ?? '';
	if (query.get('hub.mode') !== 'subscribe' || !token || !/^[\w-]{1,200}$/.test(challenge))
		return answer(res, 403);
	const accounts = await db.execute<{ org_id: string; id: string; verify_token_sealed: string }>(
		sql`select org_id, id, verify_token_sealed from app.whatsapp_verify_accounts()`
	);
	const known = accounts.some((row) =>
		isSame(
			Buffer.from(unseal(row.verify_token_sealed, secretPlace(row.org_id, 'verify_token_sealed', row.id))),
			Buffer.from(token)
		)
	);
	if (!known) return answer(res, 403);
	res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
	res.end(challenge);
}

/**
 * Whose webhook this is: of several organizations if their accounts belong to one app. The ids are only looked for to
 * find the secrets; nothing is parsed or believed before the signature over the raw bytes holds.
 */
async function verifiedAccounts(
	db: Db,
	raw: Buffer,
	header: string | string[] | undefined
): Promise<WhatsappAccount[]> {
	const given = /^sha256=([0-9a-f]{64})$/.exec(typeof header === 'string' ? header : '')?.[1];
	if (!given) return [];
	const text = raw.toString('latin1');
	const phones = idsIn(text, /"phone_number_id"\s*:\s*"(\d{1,32})"/g);
	const businesses = idsIn(text, /"id"\s*:\s*"(\d{1,32})"/g);
	const rows = await db.execute<{ org: string }>(sql`
		select app.whatsapp_orgs(${sql.param(phones)}::text[], ${sql.param(businesses)}::text[]) as org`);
	const verified: WhatsappAccount[] = [];
	for (const { org } of rows) {
		const account = await withOrg(db, org, (tx) => findWhatsappAccount(tx, org));
		if (!account) continue;
		const expected = createHmac('sha256', account.appSecret).update(raw).digest();
		if (isSame(expected, Buffer.from(given, 'hex'))) verified.push(account);
	}
	return verified;
}

const idsIn = (text: string, pattern: RegExp): string[] => [
	...new Set(text.matchAll(pattern).map((found) => found[1]!))
];

/** What it says of this account: other numbers of the same business may be used for something else. */
function toldOf(account: WhatsappAccount, webhook: WhatsappWebhook): WhatsappWebhook {
	const entry = webhook.entry.map(({ id, changes }) => ({
		id,
		changes: changes.filter(({ value: { metadata } }) =>
			metadata?.phone_number_id === undefined
				? id === account.businessAccountId
				: metadata.phone_number_id === account.phoneNumberId
		)
	}));
	return { ...webhook, entry };
}

const isSame = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);

function parse(raw: Buffer): unknown {
	try {
		return JSON.parse(raw.toString('utf8'), (_, value: unknown) =>
			typeof value === 'string' ? storable(value, Infinity) : value
		);
	} catch {
		return null;
	}
}

function answer(res: ServerResponse, status: number): void {
	res.writeHead(status, { 'cache-control': 'no-store', ...(status === 405 ? { allow: 'GET, POST' } : {}) });
	res.end();
}
