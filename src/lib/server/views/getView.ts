import { and, eq, or } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { views } from '../db/schema/crm.ts';

export type View = typeof views.$inferSelect;

/**
 * CRM-6: a view by id: a shared one, or the actor's own.
 * @throws not_found, also for somebody else's private view
 */
export async function getView(tx: OrgTx, actor: Actor, viewId: string): Promise<View> {
	const [view] = !isId(viewId)
		? []
		: await tx
				.select()
				.from(views)
				.where(
					and(
						eq(views.orgId, actor.orgId),
						eq(views.id, viewId),
						or(eq(views.shared, true), eq(views.ownerId, actor.userId))
					)
				);
	if (!view) throw new DomainError('not_found', 'There is no such view, or it is private to somebody else.');
	return view;
}
