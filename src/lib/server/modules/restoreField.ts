import { and, eq, isNotNull } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { fields } from '../db/schema/crm.ts';
import { requireFreeLabel } from './createField.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';
import { requireDistinct } from './updateField.ts';

/**
 * CRM-3: takes the deletion of a field back, with the values that records hold.
 * @throws forbidden, not_found; conflict when a new field has its label, or records share a value that must be unique
 */
export async function restoreField(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; fieldKey: string }
): Promise<void> {
	requirePermission(actor, 'admin');
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	const ofField = and(
		eq(fields.orgId, actor.orgId),
		eq(fields.moduleId, module.id),
		eq(fields.key, input.fieldKey),
		isNotNull(fields.deletedAt)
	);
	const [field] = await tx.select().from(fields).where(ofField);
	if (!field) throw new DomainError('not_found', `${module.plural} have no such deleted field.`);
	requireFreeLabel(module, field.label);
	if (field.unique) await requireDistinct(tx, module, field);
	await tx.update(fields).set({ deletedAt: null }).where(ofField);
	await writeAudit(tx, actor, {
		action: 'field.restore',
		objectType: 'module',
		objectId: module.id,
		after: { key: field.key, label: field.label }
	});
}
