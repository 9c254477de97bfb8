import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { EmailTemplateInput } from '#lib/domain/mergeFields/template.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { emailTemplates } from '../db/schema/channels.ts';
import { checkEmailTemplate } from './checkEmailTemplate.ts';

export const templateNameTaken = (name: string): DomainError =>
	new DomainError('conflict', `There is already a template called "${name}". Choose another name.`, '/name');

/**
 * CHA-1: a new e-mail template, version 1.
 * @throws forbidden, invalid, conflict (the name is taken)
 */
export async function createTemplate(
	tx: OrgTx,
	actor: Actor,
	input: EmailTemplateInput
): Promise<{ id: string }> {
	requirePermission(actor, 'cadences.manage');
	const checked = await checkEmailTemplate(tx, input);
	const [row] = await tx
		.insert(emailTemplates)
		.values({ ...checked, orgId: actor.orgId, id: newId(), createdBy: actor.userId })
		.onConflictDoNothing()
		.returning({ id: emailTemplates.id });
	if (!row) throw templateNameTaken(checked.name);
	await writeAudit(tx, actor, {
		action: 'template.create',
		objectType: 'emailTemplate',
		objectId: row.id,
		after: { name: checked.name, moduleId: checked.moduleId }
	});
	return row;
}
