import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';

const notificationRow = z.object({
	id: z.string(),
	kind: z.string(),
	title: z.string(),
	body: z.string(),
	link: z.string().nullable(),
	createdAt: z.coerce.date(),
	read: z.boolean()
});
export type NotificationItem = z.infer<typeof notificationRow>;

/** The newest notices of the actor, read ones too. */
export async function listNotifications(tx: OrgTx, actor: Actor, limit = 30): Promise<NotificationItem[]> {
	const rows = await tx.execute(sql`
		select id, kind, title, body, link, created_at as "createdAt", read_at is not null as read
		from notifications
		where org_id = ${actor.orgId} and user_id = ${actor.userId}
		order by created_at desc limit ${limit}`);
	return z.array(notificationRow).parse([...rows]);
}
