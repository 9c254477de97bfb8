import { and, asc, desc, eq, or, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { views } from '../db/schema/crm.ts';
import { getModule } from '../modules/getModule.ts';
import type { View } from './getView.ts';

/** CRM-6: the views of a module that the actor may open: shipped ones first, then by name. */
export async function listViews(tx: OrgTx, actor: Actor, moduleKey: string): Promise<View[]> {
	const module = await getModule(tx, moduleKey);
	requireModule(actor, module.key, 'view');
	return (
		tx
			.select()
			.from(views)
			.where(
				and(
					eq(views.orgId, actor.orgId),
					eq(views.moduleId, module.id),
					or(eq(views.shared, true), eq(views.ownerId, actor.userId))
				)
			)
			// Shipped ones are made in one statement, on a slow machine in different milliseconds.
			.orderBy(
				desc(views.system),
				sql`case when ${views.system} then null else ${views.createdAt} end`,
				asc(views.name)
			)
	);
}
