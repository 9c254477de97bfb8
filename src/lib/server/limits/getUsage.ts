import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { Limits } from '#lib/domain/access/editions.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { deployedLimits } from './deployedLimits.ts';

const moduleUse = z.object({
	key: z.string(),
	plural: z.string(),
	created: z.number(),
	active: z.number()
});
const row = z.object({
	edition: z.enum(['standard', 'professional', 'enterprise', 'ultimate']),
	addOns: z.number(),
	actionsPerCadence: z.number().nullable(),
	emailsPerDay: z.number().nullable(),
	modules: z.array(moduleUse)
});
export type Usage = { limits: Limits; modules: z.infer<typeof moduleUse>[] };

/** LIM-1, CAD-4: "12 of 20 created, 10 of 10 active in Leads", for every module. */
export async function getUsage(tx: OrgTx, actor: Actor): Promise<Usage> {
	requirePermission(actor, 'cadences.view');
	const [found] = await tx.execute(sql`
		select o.edition, o.add_ons as "addOns", o.actions_per_cadence as "actionsPerCadence",
			o.emails_per_day as "emailsPerDay", coalesce(jsonb_agg(jsonb_build_object('key', m.key, 'plural', m.plural,
				'created', coalesce(c.created, 0), 'active', coalesce(c.active, 0)) order by m.position, m.plural), '[]') as modules
		from organizations o
		join modules m on m.org_id = o.id
		left join (
			select module_id, count(*) as created, count(*) filter (where state = 'active') as active
			from cadences where org_id = ${actor.orgId} and deleted_at is null group by module_id
		) c on c.module_id = m.id
		where o.id = ${actor.orgId} group by o.id`);
	const { modules, ...subscription } = row.parse(found);
	return { limits: deployedLimits(subscription), modules };
}
