import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';

/** Administrators who change modules or fields at once take turns, so that keys, names and positions stay apart. */
export async function lockSetup(tx: OrgTx, orgId: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`fields:${orgId}`}::text, 0))`);
}
