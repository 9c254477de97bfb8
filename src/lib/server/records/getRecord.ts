import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule, visibleOwner } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { namesOf } from './namesOf.ts';
import { r, recordColumns, type RecordRow } from './recordRow.ts';

const noSuchRecord = () =>
	new DomainError('not_found', 'There is no such record, or it belongs to somebody else.');

export type RecordWithNames = { module: ModuleDefinition; record: RecordRow; names: Record<string, string> };

/**
 * CRM-8, PER-3: one record, also from the recycle bin (`deletedAt` is set then).
 * @param moduleKey where it is looked for; left out: in any module
 * @throws not_found, also for a record the actor may not see; forbidden without the view permission
 */
export async function getRecord(
	tx: OrgTx,
	actor: Actor,
	recordId: string,
	moduleKey?: string
): Promise<RecordWithNames> {
	if (!isId(recordId)) throw noSuchRecord();
	const owner = visibleOwner(actor);
	const [record] = await tx
		.select(recordColumns)
		.from(r)
		.where(
			sql`r.org_id = ${actor.orgId}::uuid and r.id = ${recordId}::uuid
				${owner ? sql`and r.owner_id = ${owner}::uuid` : sql``}`
		);
	if (!record) throw noSuchRecord();
	const module = await getModule(tx, record.moduleId);
	if (moduleKey !== undefined && module.key !== moduleKey) throw noSuchRecord();
	requireModule(actor, module.key, 'view');
	return { module, record, names: await namesOf(tx, module, [record]) };
}
