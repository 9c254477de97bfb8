import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { listSuccessors } from './listSuccessors.ts';
import type { RecordRow } from './recordRow.ts';

/**
 * CRM-5, CRM-9: nothing new is planned on a record that is over; work goes on where it went.
 * @throws invalid for a deleted, merged or converted record; the sentence names what it became (`details`: Successor[])
 */
export async function requireLiving(
	tx: OrgTx,
	actor: Actor,
	module: ModuleDefinition,
	record: RecordRow
): Promise<void> {
	if (!record.deletedAt && !record.convertedAt) return;
	const successors = await listSuccessors(tx, actor, record.id);
	const [into] = successors;
	const where = into ? `the ${into.kind.toLowerCase()} ${into.name}. Plan it there.` : 'another record.';
	throw new DomainError(
		'invalid',
		(await isMerged(tx, actor, record))
			? `${record.name} was merged into ${where}`
			: record.convertedAt
				? `${record.name} was converted to ${where}`
				: `This ${module.singular.toLowerCase()} is in the recycle bin. Restore it before planning anything.`,
		'/recordId',
		successors
	);
}

/** Also where the one that stayed is not the actor's to see. */
async function isMerged(tx: OrgTx, actor: Actor, { id }: RecordRow): Promise<boolean> {
	const [row] = await tx.execute<{ merged: boolean }>(sql`
		select merged_into_id is not null as merged from records
		where org_id = ${actor.orgId}::uuid and id = ${id}::uuid`);
	return row?.merged === true;
}
