import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';

/** The zone whose days relative dates count (CRM-6). */
export async function getOrgTimeZone(tx: OrgTx): Promise<string> {
	const [row] = await tx.execute<{ zone: string }>(
		sql`select time_zone as zone from organizations where id = app.org_id()`
	);
	return row?.zone ?? 'UTC';
}
