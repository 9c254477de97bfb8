import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';

export const themeSchema = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof themeSchema>;

/** The person's own choice; follows them to other browsers. */
export async function setTheme(tx: OrgTx, actor: Actor, theme: Theme): Promise<void> {
	await tx.execute(
		sql`update users set theme = ${theme} where org_id = ${actor.orgId} and id = ${actor.userId}`
	);
}
