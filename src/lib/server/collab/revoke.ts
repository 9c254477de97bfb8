import { and, eq, sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { users } from '../db/schema/accounts.ts';
import { collabChannel } from './notify.ts';

/**
 * RELIABILITY.md 3.2.8: makes every open socket of a user look at their rights again, and refuses edits that were
 * accepted under the old ones. Changes of profile, password or activity, and ended sessions, do this by trigger; call
 * it for what no trigger can see.
 */
export async function revokeUser(tx: OrgTx, orgId: string, userId: string): Promise<void> {
	await tx
		.update(users)
		.set({ epoch: sql`${users.epoch} + 1` })
		.where(and(eq(users.orgId, orgId), eq(users.id, userId)));
	const payload = JSON.stringify({ kind: 'user', userId });
	await tx.execute(sql`select pg_notify(${collabChannel}, ${payload})`);
}
