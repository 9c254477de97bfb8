import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { cadenceColumnsSchema, type CadenceColumn } from '#lib/domain/crm/cadenceColumns.ts';
import type { OrgTx } from '../db/client.ts';

/** CRM-8: the person's own columns of the Cadences related list, on every record; null: the usual ones. */
export async function setCadenceColumns(
	tx: OrgTx,
	actor: Actor,
	columns: readonly CadenceColumn[] | null
): Promise<void> {
	const chosen = columns && JSON.stringify(cadenceColumnsSchema.parse(columns));
	await tx.execute(sql`
		update users set cadence_columns = ${chosen}::jsonb
		where org_id = ${actor.orgId}::uuid and id = ${actor.userId}::uuid`);
}
