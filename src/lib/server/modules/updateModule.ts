import { and, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { mergeRoot } from '#lib/domain/mergeFields/check.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { modules, views } from '../db/schema/crm.ts';
import { moduleNames, requireFreeName } from './createModule.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';
import { shippedViews } from './shippedViews.ts';

/**
 * CRM-1: renames a module. Addresses, views and cadences know it by key; merge fields go on understanding its earlier
 * names. The shipped views ("All ...") follow.
 * @throws forbidden, not_found, invalid; conflict when the name is taken
 */
export async function updateModule(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; singular: string; plural: string }
): Promise<void> {
	requirePermission(actor, 'admin');
	const { singular, plural } = moduleNames(input);
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	await requireFreeName(tx, plural, module.key);
	const known = new Set([...(module.formerNames ?? []), mergeRoot(module.singular)]);
	known.delete(mergeRoot(singular));
	await tx
		.update(modules)
		.set({ singular, plural, formerNames: [...known] })
		.where(and(eq(modules.orgId, actor.orgId), eq(modules.id, module.id)));
	const renamed = shippedViews(plural, []);
	for (const [index, { name }] of shippedViews(module.plural, []).entries())
		await tx
			.update(views)
			.set({ name: renamed[index]!.name })
			.where(
				and(
					eq(views.orgId, actor.orgId),
					eq(views.moduleId, module.id),
					eq(views.system, true),
					eq(views.name, name),
					// Somebody may have called a view of their own so.
					sql`not exists (select from views o where o.org_id = ${actor.orgId}::uuid and o.module_id = ${module.id}::uuid
						and o.shared and lower(o.name) = lower(${renamed[index]!.name}::text) and o.id <> ${views.id})`
				)
			);
	await writeAudit(tx, actor, {
		action: 'module.update',
		objectType: 'module',
		objectId: module.id,
		before: { singular: module.singular, plural: module.plural },
		after: { singular, plural }
	});
}
