import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { dueCount } from '../activities/dueCount.ts';
import type { OrgTx } from '../db/client.ts';

const shellRow = z.object({
	orgName: z.string(),
	theme: z.enum(['system', 'light', 'dark']),
	callResults: z.array(z.string()),
	due: z.number(),
	unread: z.number(),
	modules: z.array(z.object({ key: z.string(), singular: z.string(), plural: z.string() }))
});
export type Shell = z.infer<typeof shellRow>;

/** What stands around every page: modules the actor may view (PER-3), due work, unread notifications. One query. */
export async function getShell(tx: OrgTx, actor: Actor): Promise<Shell> {
	const [row] = await tx.execute(sql`
		select o.name as "orgName", u.theme, o.call_results as "callResults",
			${dueCount(actor.orgId)} as due,
			(select count(*)::int from notifications n
				where n.org_id = u.org_id and n.user_id = u.id and n.read_at is null) as unread,
			(select coalesce(jsonb_agg(jsonb_build_object('key', m.key, 'singular', m.singular, 'plural', m.plural)
					order by m.position, m.plural), '[]') from modules m
					where m.org_id = u.org_id and m.deleted_at is null) as modules
		from users u join organizations o on o.id = u.org_id
		where u.org_id = ${actor.orgId} and u.id = ${actor.userId}`);
	const shell = shellRow.parse(row);
	const { modules, defaultModule } = actor.permissions;
	return {
		...shell,
		modules: shell.modules.filter(({ key }) => (modules[key] ?? defaultModule).view)
	};
}
