import type { IncomingHttpHeaders } from 'node:http';
import { withOrg, type Db } from '../db/client.ts';
import { readToken } from '../channels/tokens.ts';
import { classifyVisit } from './classifyVisit.ts';
import { findMessage, findMessageOrg, recordMessageResponse } from './messageResponses.ts';

/** What a fetch tells about who made it. */
export type VisitRequest = { method?: string | undefined; headers: IncomingHttpHeaders };

/** The open pixel was fetched (EXE-7). A token that is not ours changes nothing. */
export async function recordOpen(db: Db, tokenText: string, request: VisitRequest): Promise<void> {
	const token = readToken('opens', tokenText);
	const orgId = token && (await findMessageOrg(db, token.messageId));
	if (!orgId) return;
	await withOrg(db, orgId, async (tx) => {
		const message = await findMessage(tx, orgId, token.messageId);
		if (!message) return;
		const visit = classifyVisit('open', request.method, request.headers, message.since_sent);
		if (visit.who === 'ignored') return;
		await recordMessageResponse(tx, message, {
			kind: 'opened',
			machine: visit.who === 'machine',
			payload: { reason: visit.reason, agent: request.headers['user-agent'] ?? '' }
		});
	});
}
