import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { senders } from '../db/schema/channels.ts';
import { createSenderSchema } from './createSender.ts';

export const updateSenderSchema = z.object({
	senderId: z.uuid(),
	name: createSenderSchema.shape.name.optional(),
	/** A paused sender's e-mails wait; nothing is lost. */
	status: z.enum(['active', 'paused']).optional()
});

/**
 * GRA-8, CHA-1: renames a sender, pauses it until somebody resumes it, or ends any pause.
 * @throws forbidden, not_found, invalid
 */
export async function updateSender(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof updateSenderSchema>
): Promise<void> {
	requirePermission(actor, 'admin');
	const { senderId, name, status } = updateSenderSchema.parse(input);
	const own = and(eq(senders.orgId, actor.orgId), eq(senders.id, senderId));
	const [before] = await tx.select().from(senders).where(own).for('update');
	if (!before) throw noSuchSender();
	await tx
		.update(senders)
		.set({
			...(name !== undefined && { name }),
			...(status && {
				status,
				failures: 0,
				pausedUntil: null,
				pausedReason: status === 'paused' ? 'Paused by an administrator.' : null
			})
		})
		.where(own);
	await writeAudit(tx, actor, {
		action: 'sender.update',
		objectType: 'sender',
		objectId: senderId,
		before: { name: before.name, status: before.status },
		after: { name: name ?? before.name, status: status ?? before.status }
	});
}

export const noSuchSender = (): DomainError =>
	new DomainError('not_found', 'There is no such sender. It may have been removed.');
