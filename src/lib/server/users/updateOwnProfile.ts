import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { hashPassword, verifyPassword } from '../auth/passwords.ts';
import { hashSessionId } from '../auth/sessionAdapter.ts';
import { withOrg, type Db } from '../db/client.ts';
import { users } from '../db/schema/accounts.ts';
import { isTimeZone } from './createUser.ts';

export const ownProfileSchema = z.object({
	name: nameText('Your name cannot be empty.').max(120),
	timeZone: z.string().refine(isTimeZone, 'Choose a time zone, like Europe/Berlin.')
});
export const passwordChangeSchema = z.object({
	current: z.string().min(1, 'Type your current password.').max(200),
	next: z.string().min(10, 'Use at least 10 characters.').max(200)
});

/** A person's own name and time zone. */
export async function updateOwnProfile(
	db: Db,
	actor: Actor,
	input: z.infer<typeof ownProfileSchema>
): Promise<void> {
	await withOrg(db, actor.orgId, (tx) => tx.update(users).set(input).where(ownRow(actor)));
}

/**
 * Changes the password of the actor and ends their other sessions. Hashing happens between transactions.
 * @throws invalid with pointer `/current`
 */
export async function changePassword(
	db: Db,
	actor: Actor,
	sessionId: string,
	input: z.infer<typeof passwordChangeSchema>
): Promise<void> {
	const [row] = await withOrg(db, actor.orgId, (tx) =>
		tx.select({ hash: users.passwordHash }).from(users).where(ownRow(actor))
	);
	if (!row || !(await verifyPassword(row.hash, input.current)))
		throw new DomainError('invalid', 'This is not your current password.', '/current');
	const passwordHash = await hashPassword(input.next);
	await withOrg(db, actor.orgId, async (tx) => {
		await tx
			.update(users)
			.set({ passwordHash, epoch: sql`${users.epoch} + 1` })
			.where(ownRow(actor));
		await tx.execute(sql`
			delete from sessions where org_id = ${actor.orgId} and user_id = ${actor.userId}
				and id <> ${hashSessionId(sessionId)}`);
	});
}

const ownRow = (actor: Actor) => and(eq(users.orgId, actor.orgId), eq(users.id, actor.userId));
