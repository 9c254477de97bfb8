import { and, eq } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { views } from '../db/schema/crm.ts';
import { lockView, requireEditable } from './updateView.ts';
import { viewUsers } from './viewUsers.ts';

/**
 * CRM-6: deletes a view.
 * @throws in_use with the names of the cadences that use it (`details`: ViewUser[]); not_found, forbidden
 */
export async function deleteView(tx: OrgTx, actor: Actor, viewId: string): Promise<void> {
	const view = await lockView(tx, actor, viewId);
	requireEditable(actor, view);
	const users = await viewUsers(tx, view.id);
	if (users.length)
		throw new DomainError(
			'in_use',
			`"${view.name}" is the audience of ${users.map((user) => `"${user.name}"`).join(', ')}. ` +
				'Choose another view there first.',
			undefined,
			users
		);
	await tx.delete(views).where(and(eq(views.orgId, actor.orgId), eq(views.id, view.id)));
	await writeAudit(tx, actor, {
		action: 'view.delete',
		objectType: 'view',
		objectId: view.id,
		before: { name: view.name, criteria: view.criteria }
	});
}
