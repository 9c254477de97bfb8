import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { auditRecords } from './auditRecords.ts';
import { lockRecords } from './lockRecords.ts';
import { onRecordsEnded } from './onRecordsEnded.ts';

/**
 * CRM-4, UNE-7: moves records to the recycle bin and ends their live runs (`record_deleted`). Records that the actor
 * may not see are left out.
 * @returns ids of the records that were deleted
 * @throws forbidden
 */
export async function deleteRecords(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; ids: readonly string[] }
): Promise<string[]> {
	const module = await getModule(tx, input.moduleKey);
	requireModule(actor, module.key, 'delete');
	const found = await lockRecords(tx, actor, module, input.ids);
	const ids = found.map((record) => record.id);
	if (!ids.length) return [];
	await tx.execute(sql`
		update records r set deleted_at = app.now(), modified_by = ${actor.userId}::uuid,
			modified_at = greatest(app.now(), r.modified_at + interval '1 millisecond')
		where r.org_id = ${actor.orgId}::uuid and r.id = any(${sql.param(ids)}::uuid[])`);
	await auditRecords(
		tx,
		actor.userId,
		'record.delete',
		found.map(({ id, name }) => ({ recordId: id, before: { name } }))
	);
	await onRecordsEnded(tx, actor, ids, 'record_deleted');
	return ids;
}
