import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { EmailTemplateInput } from '#lib/domain/mergeFields/template.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { emailTemplates } from '../db/schema/channels.ts';
import { checkEmailTemplate } from './checkEmailTemplate.ts';
import { templateNameTaken } from './createTemplate.ts';
import { getTemplate } from './getTemplate.ts';

/**
 * CHA-1, VER-3: a new version of a template; it is live, the newest saved text is what goes out at hand-over.
 * `expectedVersion` is the one the editor showed.
 * @throws forbidden, not_found, invalid, conflict (changed meanwhile, or the name is taken)
 */
export async function updateTemplate(
	tx: OrgTx,
	actor: Actor,
	templateId: string,
	input: EmailTemplateInput & { expectedVersion: number }
): Promise<{ version: number }> {
	requirePermission(actor, 'cadences.manage');
	const before = await getTemplate(tx, actor, templateId);
	const checked = await checkEmailTemplate(tx, input);
	const [other] = await tx
		.select({ id: emailTemplates.id })
		.from(emailTemplates)
		.where(
			and(
				eq(emailTemplates.orgId, actor.orgId),
				ne(emailTemplates.id, templateId),
				isNull(emailTemplates.deletedAt),
				sql`lower(${emailTemplates.name}) = lower(${checked.name})`
			)
		);
	if (other) throw templateNameTaken(checked.name);
	const [row] = await tx
		.update(emailTemplates)
		.set({ ...checked, version: sql`${emailTemplates.version} + 1`, modifiedAt: sql`app.now()` })
		.where(
			and(
				eq(emailTemplates.orgId, actor.orgId),
				eq(emailTemplates.id, templateId),
				eq(emailTemplates.version, input.expectedVersion),
				isNull(emailTemplates.deletedAt)
			)
		)
		.returning({ version: emailTemplates.version });
	if (!row)
		throw new DomainError(
			'conflict',
			'Somebody else saved this template meanwhile. Copy your text, reload, and merge the two.'
		);
	await writeAudit(tx, actor, {
		action: 'template.update',
		objectType: 'emailTemplate',
		objectId: templateId,
		before: { name: before.name, subject: before.subject, version: before.version },
		after: { name: checked.name, subject: checked.subject, version: row.version }
	});
	return row;
}
