import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { nameText } from '#lib/domain/visibleText.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { profiles, users } from '../db/schema/accounts.ts';
import { keepAdministrator } from '../profiles/keepAdministrator.ts';
import { isTimeZone } from './createUser.ts';

export const userChangeSchema = z.object({
	userId: z.uuid(),
	name: nameText('Give the person a name.').max(120),
	profileId: z.uuid('Choose a profile.'),
	timeZone: z.string().refine(isTimeZone, 'Choose a time zone, like Europe/Berlin.'),
	active: z.boolean()
});
export type UserChange = z.infer<typeof userChangeSchema>;

/**
 * PER-4: changes a person's name, profile, zone, or whether they may sign in. Raising the epoch closes open sockets.
 * @throws forbidden, not_found, invalid, conflict (nobody would administer)
 */
export async function updateUser(tx: OrgTx, actor: Actor, change: UserChange): Promise<void> {
	requirePermission(actor, 'admin');
	const { userId, name, profileId, timeZone, active } = change;
	const [profile] = await tx
		.select({ id: profiles.id })
		.from(profiles)
		.where(and(eq(profiles.orgId, actor.orgId), eq(profiles.id, profileId)));
	if (!profile) throw new DomainError('invalid', 'Choose a profile.', '/profileId');
	const key = and(eq(users.orgId, actor.orgId), eq(users.id, userId));
	const [before] = await tx
		.select({ name: users.name, profileId: users.profileId, timeZone: users.timeZone, active: users.active })
		.from(users)
		.where(key)
		.for('update');
	if (!before) throw new DomainError('not_found', 'This person does not exist any more.');
	const after = { name, profileId, timeZone, active };
	await tx
		.update(users)
		.set({ ...after, epoch: sql`${users.epoch} + 1` })
		.where(key);
	if (!active)
		await tx.execute(sql`delete from sessions where org_id = ${actor.orgId} and user_id = ${userId}`);
	await keepAdministrator(tx);
	await writeAudit(tx, actor, { action: 'user.update', objectType: 'user', objectId: userId, before, after });
}
