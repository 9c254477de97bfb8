import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { canInModule, visibleOwner } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { listModules } from '../modules/listModules.ts';

const row = z.object({
	id: z.string(),
	name: z.string(),
	moduleKey: z.string(),
	singular: z.string(),
	modifiedAt: z.coerce.date()
});
export type RecentRecord = z.infer<typeof row>;

/** Home: the actor's own records that changed last, over all modules that they may view (PER-3). */
export async function listRecentRecords(tx: OrgTx, actor: Actor, limit = 8): Promise<RecentRecord[]> {
	const modules = (await listModules(tx)).filter(({ key }) => canInModule(actor, key, 'view'));
	const owner = visibleOwner(actor) ?? actor.userId;
	const rows = await tx.execute(sql`
		select r.id, r.name, m.key as "moduleKey", m.singular, r.modified_at as "modifiedAt"
		from modules m cross join lateral (
			select id, name, modified_at from records
			where org_id = m.org_id and module_id = m.id and owner_id = ${owner}::uuid and deleted_at is null
			order by created_at desc limit ${limit}) r
		where m.org_id = app.org_id() and m.id = any(${sql.param(modules.map(({ id }) => id))}::uuid[])
		order by r.modified_at desc limit ${limit}`);
	return z.array(row).parse([...rows]);
}
