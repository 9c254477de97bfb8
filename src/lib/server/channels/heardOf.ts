import { sql } from 'drizzle-orm';

/**
 * EXE-10: whether something came back of message `m` already, which may be sooner than the answer to its hand-over: then
 * there is no doubt about it. What the API calls a WhatsApp message it tells in its answer or in a status.
 */
export const isHeardOf = sql`(coalesce(m.delivered_at, m.read_at, m.opened_at, m.clicked_at, m.replied_at, m.bounced_at) is not null
	or (m.channel = 'whatsapp' and m.provider_id is not null))`;
