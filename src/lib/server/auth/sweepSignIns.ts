import { and, inArray, lt, sql } from 'drizzle-orm';
import type { Db } from '../db/client.ts';
import { rateLimits } from '../db/schema/accounts.ts';
import { SessionAdapter } from './sessionAdapter.ts';

const sweptAtOnce = 5_000;

/** S7, S8: sessions and counters of tries whose time is over are not kept for ever; part of the minute's sweep. */
export async function sweepSignIns(db: Db): Promise<void> {
	await new SessionAdapter(db).deleteExpiredSessions();
	// Their time is that of the process that counted; its clock may be a little off.
	const over = lt(rateLimits.expire, sql`clock_timestamp() - interval '1 hour'`);
	const some = db.select({ key: rateLimits.key }).from(rateLimits).where(over).limit(sweptAtOnce);
	await db.delete(rateLimits).where(and(over, inArray(rateLimits.key, some)));
}
