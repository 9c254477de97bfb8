import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { auditRecords } from './auditRecords.ts';
import { requireValid } from './createRecords.ts';
import { lockRecords } from './lockRecords.ts';

/**
 * CRM-4: takes records out of the recycle bin. Their ended runs stay ended; they can be resumed (REE-1).
 * @returns ids of the records that were restored
 * @throws forbidden; invalid when a unique value was taken meanwhile
 */
export async function restoreRecords(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; ids: readonly string[] }
): Promise<string[]> {
	const module = await getModule(tx, input.moduleKey);
	requireModule(actor, module.key, 'delete');
	const found = await lockRecords(tx, actor, module, input.ids, true);
	const ids = found.map((record) => record.id);
	if (!ids.length) return [];
	const unique = module.fields.filter((field) => field.unique).map((field) => field.key);
	await requireValid(
		tx,
		module,
		found.map(({ id, data }) => ({
			id,
			data: Object.fromEntries(Object.entries(data).filter(([key]) => unique.includes(key))),
			system: {},
			problems: [],
			warnings: []
		}))
	);
	await tx.execute(sql`
		update records r set deleted_at = null, modified_by = ${actor.userId}::uuid,
			modified_at = greatest(app.now(), r.modified_at + interval '1 millisecond')
		where r.org_id = ${actor.orgId}::uuid and r.id = any(${sql.param(ids)}::uuid[])`);
	await auditRecords(
		tx,
		actor.userId,
		'record.restore',
		found.map(({ id, name }) => ({ recordId: id, after: { name } }))
	);
	return ids;
}
