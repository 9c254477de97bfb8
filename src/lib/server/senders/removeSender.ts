import { and, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import { requireUnused } from '../cadences/cadencesUsing.ts';
import type { OrgTx } from '../db/client.ts';
import { senders } from '../db/schema/channels.ts';
import { noSuchSender } from './updateSender.ts';

/**
 * CHA-1: removes a sender address.
 * @throws forbidden, not_found, in_use (a live cadence sends from it, or e-mails wait to leave from it)
 */
export async function removeSender(tx: OrgTx, actor: Actor, senderId: string): Promise<void> {
	requirePermission(actor, 'admin');
	const own = and(eq(senders.orgId, actor.orgId), eq(senders.id, senderId));
	const [before] = await tx.select().from(senders).where(own).for('update');
	if (!before) throw noSuchSender();
	await requireUnused(tx, senderId, before.name);
	// The queue is an index of its own, so this stays fast whatever was sent before.
	const [waiting] = await tx.execute(sql`
		select 1 as one from messages where status in ('queued', 'claimed', 'sending') and channel = 'email'
			and org_id = ${actor.orgId}::uuid and sender_id = ${senderId}::uuid limit 1`);
	if (waiting)
		throw new DomainError(
			'in_use',
			`E-mails still wait to leave from ${before.address}. Let them go or un-enroll their records first.`
		);
	await tx.delete(senders).where(own);
	await writeAudit(tx, actor, {
		action: 'sender.remove',
		objectType: 'sender',
		objectId: senderId,
		before: { name: before.name, address: before.address }
	});
}
