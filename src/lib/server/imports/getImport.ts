import { and, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { imports } from '../db/schema/crm.ts';
import type { ImportSettings } from './createImport.ts';

const columns = {
	id: imports.id,
	moduleId: imports.moduleId,
	fileName: imports.fileName,
	status: imports.status,
	total: imports.total,
	processed: imports.processed,
	created: imports.created,
	updated: imports.updated,
	skipped: imports.skipped,
	failed: imports.failed,
	undo: imports.undo,
	error: imports.error,
	createdBy: imports.createdBy,
	createdAt: imports.createdAt,
	finishedAt: imports.finishedAt
};

/**
 * CRM-4: state and progress of an import, without the file. For its author and administrators.
 * @throws not_found
 */
export async function getImport(tx: OrgTx, actor: Actor, importId: string) {
	const [found] = !isId(importId)
		? []
		: await tx
				.select({ ...columns, settings: sql<ImportSettings>`${imports.settings}` })
				.from(imports)
				.where(
					and(
						eq(imports.orgId, actor.orgId),
						eq(imports.id, importId),
						can(actor, 'admin') ? undefined : eq(imports.createdBy, actor.userId)
					)
				);
	if (!found) throw new DomainError('not_found', 'There is no such import.');
	return found;
}
