import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';

const keyOf = (orgId: string) => sql`hashtextextended(${`fields:${orgId}`}::text, 0)`;

/** Administrators who change modules or fields at once take turns, so that keys, names and positions stay apart. */
export async function lockSetup(tx: OrgTx, orgId: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock(${keyOf(orgId)})`);
}

/**
 * CRM-3: whoever stores something that names fields keeps them as they are until the end of the transaction. Before any
 * other lock.
 */
export async function keepSetup(tx: OrgTx, orgId: string): Promise<void> {
	await tx.execute(sql`select pg_advisory_xact_lock_shared(${keyOf(orgId)})`);
}
