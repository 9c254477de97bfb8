import { sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { readAddressTag } from '../tokens.ts';

export type Match = {
	orgId: string;
	messageId: string;
	/** `probable`: only the sender's address and an open enrollment speak for it (CHANNELS.md 4). */
	by: 'inReplyTo' | 'references' | 'tag' | 'probable';
};

const idPattern = /<[^<>\s]{1,250}>/g;
/** The message ids in a header, newest first. */
const messageIdsOf = (header: string): string[] => (header.match(idPattern) ?? []).slice(-30).reverse();

/** A signed `b+` (return path) or `r+` (reply) address of ours. */
export function tagOf(address: string): { use: 'bounce' | 'reply'; messageId: string } | null {
	const [, kind, tag] = /^([br])\+([0-9a-z]+)@/i.exec(address) ?? [];
	const messageId = tag ? readAddressTag(tag) : null;
	return messageId ? { use: kind?.toLowerCase() === 'b' ? 'bounce' : 'reply', messageId } : null;
}

/**
 * Among the mails of the organizations this one was addressed to: whoever was sent a mail knows its id, and may name it
 * when writing to somebody else.
 */
export async function findByRfcId(
	db: Db,
	rfcId: string,
	orgs: readonly string[]
): Promise<{ orgId: string; messageId: string } | null> {
	const [row] = await db.execute<{ org_id: string; message_id: string }>(
		sql`select org_id, message_id from app.message_by_rfc_id(${rfcId})`
	);
	return row && orgs.includes(row.org_id) ? { orgId: row.org_id, messageId: row.message_id } : null;
}

export async function findByTag(db: Db, recipients: readonly string[]): Promise<Match | null> {
	for (const recipient of recipients) {
		const tag = tagOf(recipient);
		if (!tag) continue;
		const [row] = await db.execute<{ org: string | null }>(
			sql`select app.message_org(${tag.messageId}::uuid) as org`
		);
		if (row?.org) return { orgId: row.org, messageId: tag.messageId, by: 'tag' };
	}
	return null;
}

/** Whose mail this address receives: an organization's mail domain or one of its senders. */
export async function findOrgsOf(db: Db, recipients: readonly string[]): Promise<string[]> {
	const addresses = recipients.map((address) => address.toLowerCase());
	const domains = addresses.map((address) => address.slice(address.lastIndexOf('@') + 1));
	const rows = await db.execute<{ id: string }>(sql`
		select id from organizations where lower(mail_domain) = any(${sql.param(domains)}::text[])
		union select org_id from senders where lower(address) = any(${sql.param(addresses)}::text[])`);
	return rows.map((row) => row.id);
}

/** CHANNELS.md 4, in order: In-Reply-To, References from last to first, signed tag, last the sender's address. */
export async function matchReply(
	db: Db,
	mail: { inReplyTo: string; references: string; from: string; recipients: readonly string[] }
): Promise<Match | null> {
	const orgs = await findOrgsOf(db, mail.recipients);
	const tagged = await findByTag(db, mail.recipients);
	const own = tagged ? [...orgs, tagged.orgId] : orgs;
	for (const id of messageIdsOf(mail.inReplyTo)) {
		const found = await findByRfcId(db, id, own);
		if (found) return { ...found, by: 'inReplyTo' };
	}
	for (const id of messageIdsOf(mail.references)) {
		const found = await findByRfcId(db, id, own);
		if (found) return { ...found, by: 'references' };
	}
	return tagged ?? findProbable(db, mail.from, orgs);
}

async function findProbable(db: Db, from: string, orgs: readonly string[]): Promise<Match | null> {
	if (!orgs.length || !from) return null;
	const [row] = await db.execute<{ org_id: string; id: string }>(sql`
		select m.org_id, m.id from messages m
		join enrollments e on e.org_id = m.org_id and e.id = m.enrollment_id and e.run_no = m.run_no
		where m.org_id = any(${sql.param(orgs)}::uuid[]) and m.to_address = ${from} and m.channel = 'email'
			and m.sent_at is not null and e.status in ('active', 'paused')
		order by m.sent_at desc limit 1`);
	return row ? { orgId: row.org_id, messageId: row.id, by: 'probable' } : null;
}
