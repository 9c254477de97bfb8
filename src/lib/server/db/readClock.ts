import { sql } from 'drizzle-orm';
import type { Instant } from '#lib/domain/enrollment/state.ts';
import type { Executor } from './client.ts';

/** The database's clock, by which everything is due (RELIABILITY.md 2.5), in milliseconds since 1970. */
export async function readClock(tx: Executor): Promise<Instant> {
	const [clock] = await tx.execute<{ now: number }>(
		sql`select round(extract(epoch from app.now()) * 1000)::float8 as now`
	);
	return clock!.now;
}
