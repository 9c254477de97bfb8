import { and, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { writeAudit } from '../audit.ts';
import { requireUnused } from '../cadences/cadencesUsing.ts';
import type { OrgTx } from '../db/client.ts';
import { emailTemplates } from '../db/schema/channels.ts';
import { getTemplate } from './getTemplate.ts';

/**
 * CHA-1: deletes an e-mail template; drafts that use it show a problem.
 * @throws forbidden, not_found, in_use with the names of the live cadences that send it
 */
export async function deleteTemplate(tx: OrgTx, actor: Actor, templateId: string): Promise<void> {
	requirePermission(actor, 'cadences.manage');
	const { name } = await getTemplate(tx, actor, templateId);
	await requireUnused(tx, templateId, name);
	await tx
		.update(emailTemplates)
		.set({ deletedAt: sql`app.now()` })
		.where(and(eq(emailTemplates.orgId, actor.orgId), eq(emailTemplates.id, templateId)));
	await writeAudit(tx, actor, {
		action: 'template.delete',
		objectType: 'emailTemplate',
		objectId: templateId,
		before: { name }
	});
}
