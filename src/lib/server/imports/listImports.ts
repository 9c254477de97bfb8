import { and, desc, eq } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { imports } from '../db/schema/crm.ts';

/** CRM-4: the latest imports into a module: the actor's own, for administrators everybody's. */
export const listImports = (tx: OrgTx, actor: Actor, moduleId: string) =>
	tx
		.select({
			id: imports.id,
			fileName: imports.fileName,
			status: imports.status,
			created: imports.created,
			updated: imports.updated,
			failed: imports.failed,
			createdBy: imports.createdBy,
			createdAt: imports.createdAt
		})
		.from(imports)
		.where(
			and(
				eq(imports.orgId, actor.orgId),
				eq(imports.moduleId, moduleId),
				can(actor, 'admin') ? undefined : eq(imports.createdBy, actor.userId)
			)
		)
		.orderBy(desc(imports.createdAt), desc(imports.id))
		.limit(10);
