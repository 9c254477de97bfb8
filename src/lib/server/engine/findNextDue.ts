import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';

/** Milliseconds until the next run is due, 0 when one is; null when nothing is scheduled in an active cadence. */
export async function findNextDue(db: Executor): Promise<number | null> {
	const [row] = await db.execute<{ ms: number | null }>(sql`
		select (extract(epoch from min(d.due_at) - app.now()) * 1000)::float8 as ms
		from cadences c cross join lateral (
			select e.due_at from enrollments e
			where e.cadence_id = c.id and e.org_id = c.org_id and e.status = 'active' and e.due_at is not null
				and e.quarantined_at is null
			order by e.due_at, e.id limit 1) d
		where c.state = 'active' and c.deleted_at is null`);
	const ms = row?.ms ?? null;
	return ms === null ? null : Math.max(0, Math.ceil(ms));
}
