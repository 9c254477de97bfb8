import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { suppressions } from '../db/schema/channels.ts';

/** CHA-2: an administrator makes an address reachable again, with a reason that stays on record. */
export async function liftSuppression(
	tx: OrgTx,
	actor: Actor,
	input: { suppressionId: string; reason: string }
): Promise<void> {
	requirePermission(actor, 'admin');
	const reason = input.reason.trim();
	if (reason.length < 3)
		throw new DomainError(
			'invalid',
			'Say why this address may be written to again, for example "asked by phone".',
			'/reason'
		);
	const [row] = await tx
		.update(suppressions)
		.set({ liftedAt: sql`app.now()`, liftedBy: actor.userId, liftReason: reason.slice(0, 500) })
		.where(
			and(
				eq(suppressions.orgId, actor.orgId),
				eq(suppressions.id, input.suppressionId),
				isNull(suppressions.liftedAt)
			)
		)
		.returning({ address: suppressions.address, channel: suppressions.channel, reason: suppressions.reason });
	if (!row) throw new DomainError('not_found', 'This entry does not exist or was lifted already.');
	await writeAudit(tx, actor, {
		action: 'suppression.lift',
		objectType: 'suppression',
		objectId: input.suppressionId,
		before: row,
		after: { reason }
	});
}
