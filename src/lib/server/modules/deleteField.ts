import { and, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { fields } from '../db/schema/crm.ts';
import { fieldUsers } from './fieldUsers.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';
import { requireField } from './requireField.ts';

/**
 * CRM-3: deletes a custom field that no condition of a view and no published cadence uses. Columns show it no more; its
 * values stay in the records, so that `restoreField` brings everything back.
 * @throws forbidden, not_found; invalid for a standard field; in_use with its users (`details`: FieldUser[])
 */
export async function deleteField(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; fieldKey: string }
): Promise<void> {
	requirePermission(actor, 'admin');
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	const field = requireField(module, input.fieldKey);
	if (field.origin !== 'custom')
		throw new DomainError(
			'invalid',
			`"${field.label}" is one of the standard fields of ${module.plural}, which stay. You can rename it.`
		);
	const users = (await fieldUsers(tx, { module, fieldKey: field.key })).filter(({ blocks }) => blocks);
	if (users.length)
		throw new DomainError(
			'in_use',
			`"${field.label}" is used by ${users.map(({ name }) => `"${name}"`).join(', ')}. Take it out there first.`,
			undefined,
			users
		);
	await tx
		.update(fields)
		.set({ deletedAt: sql`app.now()` })
		.where(and(eq(fields.orgId, actor.orgId), eq(fields.moduleId, module.id), eq(fields.key, field.key)));
	await writeAudit(tx, actor, {
		action: 'field.delete',
		objectType: 'module',
		objectId: module.id,
		before: { key: field.key, label: field.label, type: field.type }
	});
}
