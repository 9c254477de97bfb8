import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { recordFilter, visibleRecords, type RecordFilter } from './recordFilter.ts';

/** Rows that were ticked, or everything the list showed. */
export type Selection = { ids: readonly string[] } | { all: RecordFilter };

const most = 100_000;

/**
 * CRM-7, PER-3: the ids a bulk action is about, frozen at the moment it is confirmed: what enters the view later is not
 * part of it. Ids of other modules, deleted or invisible records are left out.
 * @throws limit when more than 100,000 records are selected
 */
export async function resolveSelection(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; selection: Selection }
): Promise<string[]> {
	const module = await getModule(tx, input.moduleKey);
	requireModule(actor, module.key, 'view');
	const { selection } = input;
	const where =
		'ids' in selection
			? sql`${visibleRecords(actor, module)} and r.id = any(${sql.param(selection.ids.filter(isId))}::uuid[])`
			: await recordFilter(tx, actor, module, selection.all);
	const rows = await tx.execute<{ id: string }>(
		sql`select r.id from records r where ${where} order by r.created_at desc, r.id desc limit ${most + 1}`
	);
	if (rows.length > most)
		throw new DomainError(
			'limit',
			`More than ${most.toLocaleString('en-US')} records are selected. Narrow the view and do it in parts.`
		);
	return rows.map((row) => row.id);
}
