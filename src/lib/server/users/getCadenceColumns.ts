import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import {
	cadenceColumnsSchema,
	usualCadenceColumns,
	type CadenceColumn
} from '#lib/domain/crm/cadenceColumns.ts';
import type { OrgTx } from '../db/client.ts';

/** CRM-8: the columns of the Cadences related list as this person chose and ordered them. */
export async function getCadenceColumns(tx: OrgTx, actor: Actor): Promise<readonly CadenceColumn[]> {
	const [row] = await tx.execute<{ chosen: unknown }>(sql`
		select cadence_columns as chosen from users
		where org_id = ${actor.orgId}::uuid and id = ${actor.userId}::uuid`);
	// A column that a later release took away leaves the usual ones, not a page that fails.
	const chosen = cadenceColumnsSchema.safeParse(row?.chosen);
	return chosen.success ? chosen.data : usualCadenceColumns;
}
