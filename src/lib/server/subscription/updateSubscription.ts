import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { editions, maxAddOns } from '#lib/domain/access/editions.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { organizations } from '../db/schema/accounts.ts';

export const subscriptionInputSchema = z.object({
	edition: z.enum(['standard', 'professional', 'enterprise', 'ultimate']),
	addOns: z.coerce.number().int().min(0, 'Add-ons cannot be negative.')
});

/**
 * LIM-2, LIM-5: changes edition and add-ons. A downgrade switches nothing off; creating and activating are refused
 * until use is below the limit.
 * @throws forbidden, invalid (more add-ons than the edition takes)
 */
export async function updateSubscription(
	tx: OrgTx,
	actor: Actor,
	input: z.infer<typeof subscriptionInputSchema>
): Promise<void> {
	requirePermission(actor, 'admin');
	const most = maxAddOns(input.edition);
	if (input.addOns > most)
		throw new DomainError(
			'invalid',
			`${editions[input.edition].label} takes at most ${most} add-ons, because at most 70 cadences may be active per module.`,
			'/addOns'
		);
	const [before] = await tx
		.select({ edition: organizations.edition, addOns: organizations.addOns })
		.from(organizations)
		.where(eq(organizations.id, actor.orgId))
		.for('update');
	await tx.update(organizations).set(input).where(eq(organizations.id, actor.orgId));
	await writeAudit(tx, actor, {
		action: 'subscription.update',
		objectType: 'organization',
		objectId: actor.orgId,
		before,
		after: input
	});
}
