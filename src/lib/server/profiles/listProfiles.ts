import { sql } from 'drizzle-orm';
import type { Actor, ProfilePermissions } from '#lib/domain/access/actor.ts';
import { settleCadencePermissions } from '#lib/domain/access/profileInput.ts';
import type { OrgTx } from '../db/client.ts';
import { currentOrg } from '../db/currentOrg.ts';
import { profiles } from '../db/schema/accounts.ts';

export type ProfileListItem = { id: string; name: string; permissions: ProfilePermissions; users: number };

/**
 * PER-1: every profile, *Manage automation* with all four permissions ticked, and the number of active people who have
 * it. Readable by all: it says what one may do.
 */
export async function listProfiles(tx: OrgTx, _actor: Actor): Promise<ProfileListItem[]> {
	const rows = await tx
		.select({
			id: profiles.id,
			name: profiles.name,
			permissions: profiles.permissions,
			// Written out: drizzle names columns without their table here, and `id` would be the user's.
			users: sql<number>`(select count(*)::int from users u
				where u.org_id = profiles.org_id and u.profile_id = profiles.id and u.active)`
		})
		.from(profiles)
		.where(sql`${profiles.orgId} = ${currentOrg}`)
		.orderBy(sql`lower(${profiles.name})`);
	return rows.map((row) => ({ ...row, permissions: settleCadencePermissions(row.permissions) }));
}
