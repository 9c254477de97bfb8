import { and, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { settleCadencePermissions, type ProfileInput } from '#lib/domain/access/profileInput.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { profiles, users } from '../db/schema/accounts.ts';
import { keepAdministrator } from './keepAdministrator.ts';
import { requireFreeName } from './requireFreeName.ts';

/**
 * PER-1, PER-4: saves a profile. Takes effect at once: actors are read per request, and raising the users' epoch
 * makes open canvases ask again.
 * @throws forbidden, not_found, conflict (nobody would administer, the name is taken)
 */
export async function updateProfile(tx: OrgTx, actor: Actor, id: string, input: ProfileInput): Promise<void> {
	requirePermission(actor, 'admin');
	const key = and(eq(profiles.orgId, actor.orgId), eq(profiles.id, id));
	const [before] = await tx.select().from(profiles).where(key).for('update');
	if (!before) throw new DomainError('not_found', 'This profile does not exist any more.');
	await requireFreeName(tx, { orgId: actor.orgId, id, name: input.name });
	const permissions = settleCadencePermissions(input.permissions);
	await tx.update(profiles).set({ name: input.name, permissions }).where(key);
	await tx
		.update(users)
		.set({ epoch: sql`${users.epoch} + 1` })
		.where(and(eq(users.orgId, actor.orgId), eq(users.profileId, id)));
	await keepAdministrator(tx);
	await writeAudit(tx, actor, {
		action: 'profile.update',
		objectType: 'profile',
		objectId: id,
		before: { name: before.name, permissions: before.permissions },
		after: { name: input.name, permissions }
	});
}
