import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { listSuccessors, type Successor } from './listSuccessors.ts';
import type { RecordRow } from './recordRow.ts';

type End = { how: 'merged' | 'converted' | 'deleted'; text: string; successors: Successor[] };

/** CRM-5: what became of a record, in a sentence that names where it went as far as the actor may look there; null: it lives. */
export async function endOf(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	record: RecordRow
): Promise<End | null> {
	if (!record.deletedAt && !record.convertedAt) return null;
	const successors = await listSuccessors(tx, actor, record.id);
	const [into] = successors;
	const where = into ? `the ${into.kind.toLowerCase()} ${into.name}` : 'another record';
	if (await isMerged(tx, actor, record))
		return { how: 'merged', text: `${record.name} was merged into ${where}.`, successors };
	if (record.convertedAt)
		return { how: 'converted', text: `${record.name} was converted to ${where}.`, successors };
	return {
		how: 'deleted',
		text: `This ${module.singular.toLowerCase()} is in the recycle bin.`,
		successors: []
	};
}

/** Also where the one that stayed is not the actor's to see. */
async function isMerged(tx: OrgTx, actor: Actor, { id }: RecordRow): Promise<boolean> {
	const [row] = await tx.execute<{ merged: boolean }>(sql`
		select merged_into_id is not null as merged from records
		where org_id = ${actor.orgId}::uuid and id = ${id}::uuid`);
	return row?.merged === true;
}

/**
 * CRM-5, CRM-9: nothing new is planned on a record that is over; work goes on where it went.
 * @throws invalid for a deleted, merged or converted record (`details`: Successor[])
 */
export async function requireLiving(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	record: RecordRow
): Promise<void> {
	const end = await endOf(tx, actor, module, record);
	if (!end) return;
	const next =
		end.how === 'deleted'
			? ' Restore it before planning anything.'
			: end.successors.length
				? ' Plan it there.'
				: '';
	throw new DomainError('invalid', end.text + next, '/recordId', end.successors);
}
