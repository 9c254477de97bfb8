import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { OrgTx } from '../db/client.ts';
import { recordFilter } from '../records/recordFilter.ts';
import type { RecordSelection } from './enrollInput.ts';

const most = 1_000_000;

/**
 * CRM-7: the ids that a selection means at this moment ("all N in this view" is frozen when confirmed).
 * @throws forbidden without the view permission of the module
 */
export async function resolveSelection(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	selection: RecordSelection
): Promise<string[]> {
	if ('ids' in selection) return [...new Set(selection.ids)];
	const where = await recordFilter(tx, actor, module, selection.filter);
	// Gathered by an aggregate: several processes read a large table together only if the planner expects few rows of them,
	// and of criteria over fields it expects a third of all.
	const rows = await tx.execute<{ id: string }>(sql`
		select id from unnest((select array_agg(r.id) from records r where ${where})) as id order by id limit ${most + 1}`);
	if (rows.length > most)
		throw new DomainError('invalid', `More than ${most} records are selected. Narrow the list.`, '/records');
	return rows.map((row) => row.id);
}
