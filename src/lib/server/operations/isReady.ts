import { readFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import type { Db } from '../db/client.ts';

const READY_WITHIN_MS = 2_000;
let newest: number | undefined;

/** When the last migration of this code was made: what the database's ledger keeps of each. */
function lastMigration(): number {
	if (newest !== undefined) return newest;
	const journal = new URL('../../../../drizzle/meta/_journal.json', import.meta.url);
	const { entries } = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { when: number }[] };
	return (newest = Math.max(...entries.map((entry) => entry.when)));
}

/** OPS-3: the database answers in time and has every migration of this code (a newer one may have more). */
export async function isReady(db: Db): Promise<boolean> {
	const late = new Promise<boolean>((done) => setTimeout(() => done(false), READY_WITHIN_MS).unref());
	const asked = db
		.execute<{ last: string }>(sql`select app.last_migration() as last`)
		.then(([row]) => Number(row?.last ?? 0) >= lastMigration())
		.catch(() => false);
	return Promise.race([asked, late]);
}
