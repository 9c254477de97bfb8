import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { views } from '../db/schema/crm.ts';
import { getModule } from '../modules/getModule.ts';
import { keepSetup } from '../modules/lockSetup.ts';
import { checkView, requireSharing, type ViewContent } from './checkView.ts';
import type { View } from './getView.ts';
import { nameConflict } from './nameConflict.ts';

export type CreateViewInput = ViewContent & { moduleKey: string };

/**
 * CRM-6: a custom view of a module, private to the actor or shared by who may edit the module's records.
 * @throws forbidden, invalid (pointer into the view), conflict when the name is taken
 */
export async function createView(tx: OrgTx, actor: Actor, input: CreateViewInput): Promise<View> {
	await keepSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	requireModule(actor, module.key, 'view');
	const content = checkView(module, input, false);
	if (content.shared) requireSharing(actor, module);
	const [view] = await nameConflict(content.name, () =>
		tx.transaction((inner) =>
			inner
				.insert(views)
				.values({ ...content, orgId: actor.orgId, id: newId(), moduleId: module.id, ownerId: actor.userId })
				.returning()
		)
	);
	await writeAudit(tx, actor, {
		action: 'view.create',
		objectType: 'view',
		objectId: view!.id,
		after: content
	});
	return view!;
}
