import { isDeepStrictEqual } from 'node:util';
import { and, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { can, requirePermission } from '#lib/domain/access/permissions.ts';
import { findField } from '#lib/domain/crm/fields.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { views } from '../db/schema/crm.ts';
import { enqueue } from '../jobs.ts';
import { getModule } from '../modules/getModule.ts';
import { keepSetup } from '../modules/lockSetup.ts';
import { checkView, requireSharing, type ViewContent } from './checkView.ts';
import { getView, type View } from './getView.ts';
import { nameConflict } from './nameConflict.ts';
import { viewUsers } from './viewUsers.ts';

export type UpdateViewInput = Partial<ViewContent> & { viewId: string };

/**
 * CRM-6: changes a view. One that a cadence uses needs MANAGE, stays shared and free of `current user`; when its
 * criteria change, the active cadences are scanned anew (who matches is enrolled, who left is un-enrolled).
 * @throws not_found, forbidden (shipped views, views of others, sharing, MANAGE missing), invalid, conflict (name)
 */
export async function updateView(tx: OrgTx, actor: Actor, input: UpdateViewInput): Promise<View> {
	await keepSetup(tx, actor.orgId);
	const view = await lockView(tx, actor, input.viewId);
	requireEditable(actor, view);
	const users = await viewUsers(tx, view.id);
	const module = await getModule(tx, view.moduleId);
	const { viewId: _, ...changes } = input;
	// Columns of deleted fields are not the editor's to mend.
	const columns = view.columns.filter((key) => findField(module, key));
	const content = checkView(module, { ...view, columns, ...changes }, users.length > 0);
	if (content.shared) requireSharing(actor, module);
	// The database keeps keys in an order of its own.
	const isOtherAudience = !isDeepStrictEqual(content.criteria, view.criteria);
	if (users.length && isOtherAudience) requirePermission(actor, 'cadences.manage');
	const [stored] = await nameConflict(content.name, () =>
		tx.transaction((inner) =>
			inner
				.update(views)
				.set({
					...content,
					// ENR-2: only other criteria ask for a look at all records, outside the times of an interval too.
					...(isOtherAudience && { revision: view.revision + 1, modifiedAt: sql`app.now()` })
				})
				.where(and(eq(views.orgId, actor.orgId), eq(views.id, view.id)))
				.returning()
		)
	);
	await writeAudit(tx, actor, {
		action: 'view.update',
		objectType: 'view',
		objectId: view.id,
		before: { name: view.name, criteria: view.criteria, columns: view.columns, shared: view.shared },
		after: content
	});
	if (isOtherAudience)
		// UNE-6: inactive ones too, for who has left.
		for (const { cadenceId } of users.filter((user) => user.state !== 'draft'))
			await enqueue(tx, 'scanCadence', { orgId: actor.orgId, cadenceId });
	return stored!;
}

/** CRM-6: two who change it at once take turns: each change of criteria has a number of its own, and undoes nothing unseen. */
export async function lockView(tx: OrgTx, actor: Actor, viewId: string): Promise<View> {
	const { id } = await getView(tx, actor, viewId);
	await tx.execute(
		sql`select 1 from views where org_id = ${actor.orgId}::uuid and id = ${id}::uuid for update`
	);
	return getView(tx, actor, id);
}

/** Shipped views are the same for everybody; a shared view of somebody else is changed by its owner or an admin. */
export function requireEditable(actor: Actor, view: View): void {
	if (view.system)
		throw new DomainError(
			'forbidden',
			`"${view.name}" ships with the module. Save your changes as a new view.`
		);
	if (view.ownerId !== actor.userId && !can(actor, 'admin'))
		throw new DomainError(
			'forbidden',
			`"${view.name}" belongs to somebody else. Save your changes as a new view, or ask an administrator.`
		);
}
