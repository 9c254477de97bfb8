import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sql } from 'drizzle-orm';
import { withOrg, type Db } from '../../db/client.ts';
import { readBody } from '../../inbox/readBody.ts';
import { getLog } from '../../log.ts';
import { unseal } from '../../secrets.ts';
import { findWhatsappAccount, secretPlace } from './account.ts';
import { applyWebhook } from './applyWebhook.ts';
import { webhookSchema } from './webhookPayload.ts';

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
	const orgId = await verifiedOrg(db, raw, req.headers['x-hub-signature-256']);
	if (!orgId) return answer(res, 401);
	const payload = webhookSchema.safeParse(parse(raw));
	// Signed but not understood: answering with an error would only bring it again for days.
	if (!payload.success)
		getLog().warn({ orgId, issues: payload.error.issues.length }, 'WhatsApp webhook not understood');
	else await applyWebhook(db, orgId, payload.data);
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
 * Whose webhook this is. The ids are only looked for to find the secret; nothing is parsed or believed before the
 * signature over the raw bytes holds.
 */
async function verifiedOrg(
	db: Db,
	raw: Buffer,
	header: string | string[] | undefined
): Promise<string | null> {
	const given = /^sha256=([0-9a-f]{64})$/.exec(typeof header === 'string' ? header : '')?.[1];
	if (!given) return null;
	const text = raw.toString('latin1');
	const phone = /"phone_number_id"\s*:\s*"(\d{1,32})"/.exec(text)?.[1] ?? '';
	const business = /"id"\s*:\s*"(\d{1,32})"/.exec(text)?.[1] ?? '';
	const [row] = await db.execute<{ org: string | null }>(sql`
		select coalesce(app.whatsapp_account_org(${phone}), app.whatsapp_business_org(${business})) as org`);
	const orgId = row?.org;
	if (!orgId) return null;
	const account = await withOrg(db, orgId, (tx) => findWhatsappAccount(tx, orgId));
	if (!account) return null;
	const expected = createHmac('sha256', account.appSecret).update(raw).digest();
	return isSame(expected, Buffer.from(given, 'hex')) ? orgId : null;
}

const isSame = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);

function parse(raw: Buffer): unknown {
	try {
		return JSON.parse(raw.toString('utf8'));
	} catch {
		return null;
	}
}

function answer(res: ServerResponse, status: number): void {
	res.writeHead(status, { 'cache-control': 'no-store', ...(status === 405 ? { allow: 'GET, POST' } : {}) });
	res.end();
}
