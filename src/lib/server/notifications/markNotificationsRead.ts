import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';

/** Marks one notice, or without an id all of the actor's, as read. Returns how many are left unread. */
export async function markNotificationsRead(tx: OrgTx, actor: Actor, id: string | null): Promise<number> {
	await tx.execute(sql`
		update notifications set read_at = app.now()
		where org_id = ${actor.orgId} and user_id = ${actor.userId} and read_at is null
			and (${id}::uuid is null or id = ${id}::uuid)`);
	const [row] = await tx.execute(sql`
		select count(*)::int as unread from notifications
		where org_id = ${actor.orgId} and user_id = ${actor.userId} and read_at is null`);
	return Number(row?.['unread'] ?? 0);
}
