import { withOrg, type Db } from '../db/client.ts';
import { readToken } from '../channels/tokens.ts';
import { classifyVisit } from './classifyVisit.ts';
import { findMessage, findMessageOrg, recordMessageResponse } from './messageResponses.ts';
import type { VisitRequest } from './recordOpen.ts';

/**
 * A click link was followed: records it and answers with the destination stored at hand-over, never one from the
 * request (S13). null: not a link of ours. A person's click implies that the mail was opened (EXE-7);
 * the engine says so.
 */
export async function recordClick(db: Db, tokenText: string, request: VisitRequest): Promise<string | null> {
	const token = readToken('links', tokenText);
	if (!token || token.link === undefined) return null;
	const link = token.link;
	const orgId = await findMessageOrg(db, token.messageId);
	if (!orgId) return null;
	return withOrg(db, orgId, async (tx) => {
		const message = await findMessage(tx, orgId, token.messageId);
		const target = webAddress(message?.links?.[link]);
		if (!message || !target) return null;
		const visit = classifyVisit('click', request.method, request.headers, message.since_sent);
		if (visit.who === 'ignored') return target;
		const machine = visit.who === 'machine';
		const payload = { reason: visit.reason, agent: request.headers['user-agent'] ?? '' };
		await recordMessageResponse(tx, message, { kind: 'clicked', parameter: String(link), machine, payload });
		return target;
	});
}

/** As a header takes it: links are stored as they were written, umlauts and all. */
function webAddress(text: string | undefined): string | null {
	const url = text && URL.canParse(text) ? new URL(text) : null;
	return url && ['http:', 'https:'].includes(url.protocol) ? url.href : null;
}
