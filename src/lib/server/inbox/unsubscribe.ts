import { sql } from 'drizzle-orm';
import { withOrg, type Db } from '../db/client.ts';
import { readToken } from '../channels/tokens.ts';
import { suppressAddresses } from '../suppressions/suppressAddresses.ts';
import { findMessage, findMessageOrg, recordMessageResponse } from './messageResponses.ts';

export type UnsubscribeView = { organization: string; address: string; done: boolean };

/** What the page shows; looking never unsubscribes, as scanners follow links (CHANNELS.md 2). */
export async function getUnsubscribe(db: Db, tokenText: string): Promise<UnsubscribeView | null> {
	const token = readToken('unsubscribe', tokenText);
	const orgId = token && (await findMessageOrg(db, token.messageId));
	if (!orgId) return null;
	return withOrg(db, orgId, async (tx) => {
		const [row] = await tx.execute<{ organization: string; address: string; done: boolean }>(sql`
			select o.name as organization, m.to_address as address, exists (select 1 from suppressions s
				where s.org_id = m.org_id and s.channel = 'email' and s.address = m.to_address
					and s.reason = 'unsubscribed' and s.lifted_at is null) as done
			from messages m join organizations o on o.id = m.org_id
			where m.org_id = ${orgId} and m.id = ${token.messageId}`);
		return row ? { ...row } : null;
	});
}

/** CHA-2: one click ends all e-mail of the organization to the address; other channels go on. May be repeated. */
export async function unsubscribe(
	db: Db,
	tokenText: string,
	source: 'one-click' | 'page'
): Promise<UnsubscribeView | null> {
	const token = readToken('unsubscribe', tokenText);
	const orgId = token && (await findMessageOrg(db, token.messageId));
	if (!orgId) return null;
	const found = await withOrg(db, orgId, async (tx) => {
		const message = await findMessage(tx, orgId, token.messageId);
		if (!message) return false;
		await suppressAddresses(tx, [
			{
				orgId,
				channel: 'email',
				address: message.to_address,
				reason: 'unsubscribed',
				source,
				messageId: message.id
			}
		]);
		await recordMessageResponse(tx, message, { kind: 'unsubscribed', payload: { source } });
		return true;
	});
	return found ? getUnsubscribe(db, tokenText) : null;
}
