import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { visibleRecords } from './recordFilter.ts';
import { r, recordColumns, type RecordRow } from './recordRow.ts';

/** PER-3: the records of the module among `ids` that the actor may see, locked in one order so that writers queue. The lock
 * lets rows that refer to the record be inserted meanwhile (the engine does). */
export async function lockRecords(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	ids: readonly string[],
	deleted = false
): Promise<RecordRow[]> {
	return tx
		.select(recordColumns)
		.from(r)
		.where(
			sql`${visibleRecords(actor, module, deleted)} and r.id = any(${sql.param(ids.filter(isId))}::uuid[])`
		)
		.orderBy(r.id)
		.for('no key update');
}
