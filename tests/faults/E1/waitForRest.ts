import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { TestDatabase } from '../../support/clone.ts';

/** Messages without an outcome, responses that nobody applied, runs that are due. */
export async function countOpen(db: TestDatabase, orgId: string): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(sql`
		select (select count(*) from messages where org_id = ${orgId} and status in ('queued', 'claimed', 'sending'))::int
			+ (select count(*) from responses where org_id = ${orgId})::int
			+ (select count(*) from enrollments where org_id = ${orgId} and status = 'active' and due_at <= app.now())::int as n`);
	return row!.n;
}

/** Waits until nothing is open, or until nothing has moved for `patienceMs`. @returns how long that took, ms */
export async function waitForRest(
	db: TestDatabase,
	orgId: string,
	{ patienceMs }: { patienceMs: number }
): Promise<number> {
	const startedAt = Date.now();
	let movedAt = startedAt;
	let last = Infinity;
	for (;;) {
		const open = await countOpen(db, orgId);
		if (open === 0) return Date.now() - startedAt;
		if (open !== last) movedAt = Date.now();
		if (Date.now() - movedAt > patienceMs) return Date.now() - startedAt;
		last = open;
		await sleep(200);
	}
}
