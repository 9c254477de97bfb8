import { sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';

/** LIM-1: cadences of one module; created counts drafts too. */
export const moduleUse = z.object({
	key: z.string(),
	plural: z.string(),
	created: z.number(),
	active: z.number()
});
export type ModuleUse = z.infer<typeof moduleUse>;

/** A JSON array of ModuleUse over all modules of the organization, in their order; a scalar sub-select. */
export const selectModuleUse = (orgId: string): SQL => sql`(
	select coalesce(jsonb_agg(jsonb_build_object('key', m.key, 'plural', m.plural,
		'created', coalesce(c.created, 0), 'active', coalesce(c.active, 0)) order by m.position, m.plural), '[]')
	from modules m left join (
		select module_id, count(*) as created, count(*) filter (where state = 'active') as active
		from cadences where org_id = ${orgId} and deleted_at is null group by module_id
	) c on c.module_id = m.id
	where m.org_id = ${orgId})`;
