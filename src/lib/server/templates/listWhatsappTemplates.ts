import { asc, eq } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { whatsappTemplates } from '../db/schema/channels.ts';

export type WhatsappTemplateItem = typeof whatsappTemplates.$inferSelect;

/** CHA-3: the templates of the connected account with their approval state, by name and language. */
export async function listWhatsappTemplates(tx: OrgTx, actor: Actor): Promise<WhatsappTemplateItem[]> {
	requirePermission(actor, 'cadences.view');
	return tx
		.select()
		.from(whatsappTemplates)
		.where(eq(whatsappTemplates.orgId, actor.orgId))
		.orderBy(asc(whatsappTemplates.name), asc(whatsappTemplates.language));
}
