import { and, eq } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { profiles, users } from '../db/schema/accounts.ts';

/** PER-4: read fresh each time, so that a changed profile takes effect at once. Null when gone or switched off. */
export async function loadActor(
	tx: OrgTx,
	orgId: string,
	userId: string
): Promise<{ actor: Actor; epoch: number } | null> {
	const [row] = await tx
		.select({ user: users, permissions: profiles.permissions })
		.from(users)
		.innerJoin(profiles, and(eq(profiles.orgId, users.orgId), eq(profiles.id, users.profileId)))
		.where(and(eq(users.orgId, orgId), eq(users.id, userId), eq(users.active, true)));
	if (!row) return null;
	const { name, email, timeZone, profileId, epoch } = row.user;
	return { actor: { orgId, userId, name, email, timeZone, profileId, permissions: row.permissions }, epoch };
}
