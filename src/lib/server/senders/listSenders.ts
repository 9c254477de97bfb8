import { asc, eq, sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { users } from '../db/schema/accounts.ts';
import { senders } from '../db/schema/channels.ts';

export type SenderItem = {
	id: string;
	name: string;
	address: string;
	status: 'active' | 'paused' | 'disabled';
	pausedReason: string | null;
	/** Whose address it is; null = the organization's. */
	user: { id: string; name: string } | null;
};

/** GRA-8: the addresses e-mails can leave from: the organization's first, then people's by name. */
export async function listSenders(tx: OrgTx, actor: Pick<Actor, 'orgId'>): Promise<SenderItem[]> {
	const rows = await tx
		.select({ sender: senders, user: { id: users.id, name: users.name } })
		.from(senders)
		.leftJoin(users, sql`${users.orgId} = ${senders.orgId} and ${users.id} = ${senders.userId}`)
		.where(eq(senders.orgId, actor.orgId))
		.orderBy(sql`${senders.userId} is not null`, asc(senders.name), asc(senders.address));
	return rows.map(({ sender: { id, name, address, status, pausedReason }, user }) => ({
		id,
		name,
		address,
		status,
		pausedReason,
		user
	}));
}
