import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { cadenceStates } from '#lib/domain/cadence/cadence.ts';
import type { OrgTx } from '../db/client.ts';
import { readCadences, type CadenceItem } from './cadenceRow.ts';

const cadenceFilterSchema = z.object({
	search: z.string().trim().max(100).default(''),
	moduleKey: z.string().max(80).nullable().default(null),
	state: z.enum(cadenceStates).nullable().default(null),
	sort: z.enum(['name', 'created', 'published']).default('name')
});
export type CadenceFilter = z.input<typeof cadenceFilterSchema>;

const orders = {
	name: sql`lower(c.name)`,
	created: sql`c.created_at desc`,
	published: sql`v.published_at desc nulls last`
};

/** CAD-4: all cadences that fit the filter. Editions bound their number, so there are no pages. */
export async function listCadences(
	tx: OrgTx,
	actor: Actor,
	filter: CadenceFilter = {}
): Promise<CadenceItem[]> {
	requirePermission(actor, 'cadences.view');
	const { search, moduleKey, state, sort } = cadenceFilterSchema.parse(filter);
	const like = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
	const where = [
		sql`true`,
		...(search ? [sql`(c.name ilike ${like} or c.description ilike ${like})`] : []),
		...(moduleKey === null ? [] : [sql`m.key = ${moduleKey}`]),
		...(state === null ? [] : [sql`c.state = ${state}`])
	];
	return readCadences(tx, sql.join(where, sql` and `), orders[sort]);
}
