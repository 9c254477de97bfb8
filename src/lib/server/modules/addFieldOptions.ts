import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { findOption } from '#lib/domain/crm/fieldOptions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from './getModule.ts';
import { lockSetup } from './lockSetup.ts';

/**
 * CRM-3: adds values to a picklist; those it has already (in any case of letters) are left alone.
 * @returns the values that are new
 * @throws forbidden unless the actor is an administrator; invalid for a field that is no picklist; limit
 */
export async function addFieldOptions(
	tx: OrgTx,
	actor: Actor,
	input: { moduleKey: string; fieldKey: string; options: readonly string[] }
): Promise<string[]> {
	requirePermission(actor, 'admin');
	await lockSetup(tx, actor.orgId);
	const module = await getModule(tx, input.moduleKey);
	const field = module.fields.find((candidate) => candidate.key === input.fieldKey);
	if (field?.type !== 'picklist' && field?.type !== 'multiPicklist')
		throw new DomainError('invalid', `"${field?.label ?? input.fieldKey}" is no picklist.`);
	const added: string[] = [];
	for (const option of input.options.map((text) => text.trim().slice(0, 200)))
		if (option && findOption(option, { ...field, options: [...field.options, ...added] }, true) === null)
			added.push(option);
	if (!added.length) return [];
	if (field.options.length + added.length > 1000)
		throw new DomainError(
			'limit',
			`"${field.label}" would have more than 1,000 values. Make it a text field.`
		);
	await tx.execute(sql`
		update fields set options = options || ${JSON.stringify(added)}::jsonb
		where org_id = ${actor.orgId}::uuid and module_id = ${module.id}::uuid and key = ${field.key}`);
	await writeAudit(tx, actor, {
		action: 'field.addOptions',
		objectType: 'module',
		objectId: module.id,
		after: { key: field.key, added }
	});
	return added;
}
