import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';

const userRow = z.object({
	id: z.string(),
	name: z.string(),
	email: z.string(),
	active: z.boolean(),
	timeZone: z.string(),
	profileId: z.string(),
	profileName: z.string()
});
export type UserListItem = z.infer<typeof userRow>;

/** Everybody of the organization, for pickers and for Setup > Users; people who left come last. */
export async function listUsers(tx: OrgTx, actor: Actor): Promise<UserListItem[]> {
	const rows = await tx.execute(sql`
		select u.id, u.name, u.email, u.active, u.time_zone as "timeZone", u.profile_id as "profileId",
			p.name as "profileName"
		from users u join profiles p on p.org_id = u.org_id and p.id = u.profile_id
		where u.org_id = ${actor.orgId}
		order by u.active desc, lower(u.name), u.id`);
	return z.array(userRow).parse([...rows]);
}
