import { and, eq, isNull } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { emailTemplates } from '../db/schema/channels.ts';

export type EmailTemplate = typeof emailTemplates.$inferSelect;

/** @throws not_found */
export async function getTemplate(
	tx: OrgTx,
	actor: Pick<Actor, 'orgId'>,
	templateId: string
): Promise<EmailTemplate> {
	const [row] = !isId(templateId)
		? []
		: await tx
				.select()
				.from(emailTemplates)
				.where(
					and(
						eq(emailTemplates.orgId, actor.orgId),
						eq(emailTemplates.id, templateId),
						isNull(emailTemplates.deletedAt)
					)
				);
	if (!row) throw new DomainError('not_found', 'There is no such template. It may have been deleted.');
	return row;
}
