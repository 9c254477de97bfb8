import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import type { ImportUndo } from '../db/schema/crm.ts';
import { enqueue } from '../jobs.ts';
import { getModule } from '../modules/getModule.ts';
import { getImport } from './getImport.ts';

const nothingYet: ImportUndo = { deleted: 0, restored: 0, kept: 0, after: null, problems: [] };

/**
 * CRM-4: takes an import back, in the background: what it created goes to the recycle bin, what it changed gets its
 * earlier values unless somebody changed them since.
 * @throws not_found, forbidden; conflict when it runs, was taken back already, or changed nothing
 */
export async function undoImport(tx: OrgTx, actor: Actor, importId: string): Promise<void> {
	const found = await getImport(tx, actor, importId);
	const module = await getModule(tx, found.moduleId);
	if (found.created) requireModule(actor, module.key, 'delete');
	if (found.updated) requireModule(actor, module.key, 'edit');
	const started = await tx.execute(sql`
		update imports set status = 'undoing', error = null,
			undo = coalesce(undo, ${JSON.stringify(nothingYet)}::jsonb)
		where org_id = ${actor.orgId}::uuid and id = ${found.id}::uuid and status in ('done', 'failed', 'cancelled')
			and created + updated > 0 returning id`);
	if (!started.length)
		throw new DomainError('conflict', `There is nothing to take back of the import of ${found.fileName}.`);
	await writeAudit(tx, actor, {
		action: 'import.undo',
		objectType: 'import',
		objectId: found.id,
		before: { created: found.created, updated: found.updated }
	});
	await enqueue(
		tx,
		'runImport',
		{ orgId: actor.orgId, importId: found.id },
		{ key: `import:${found.id}`, queue: `import/${actor.orgId}` }
	);
}
