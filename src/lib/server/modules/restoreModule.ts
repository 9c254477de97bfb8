import { and, eq, isNotNull } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { modules } from '../db/schema/crm.ts';
import { requireFreeName } from './createModule.ts';
import { lockSetup } from './lockSetup.ts';

/**
 * CRM-1: takes the deletion of a custom module back.
 * @throws forbidden, not_found; conflict when another module took its name
 */
export async function restoreModule(tx: OrgTx, actor: Actor, moduleKey: string): Promise<void> {
	requirePermission(actor, 'admin');
	await lockSetup(tx, actor.orgId);
	const ofModule = and(
		eq(modules.orgId, actor.orgId),
		eq(modules.key, moduleKey),
		isNotNull(modules.deletedAt)
	);
	const [module] = await tx.select().from(modules).where(ofModule);
	if (!module) throw new DomainError('not_found', 'There is no such deleted module.');
	await requireFreeName(tx, module.plural, module.key);
	await tx.update(modules).set({ deletedAt: null }).where(ofModule);
	await writeAudit(tx, actor, {
		action: 'module.restore',
		objectType: 'module',
		objectId: module.id,
		after: { key: module.key, plural: module.plural }
	});
}
