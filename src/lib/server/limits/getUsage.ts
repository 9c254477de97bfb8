import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { Limits } from '#lib/domain/access/editions.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { deployedLimits } from './deployedLimits.ts';
import { moduleUse, selectModuleUse, type ModuleUse } from './moduleUse.ts';

const row = z.object({
	edition: z.enum(['standard', 'professional', 'enterprise', 'ultimate']),
	addOns: z.number(),
	actionsPerCadence: z.number().nullable(),
	emailsPerDay: z.number().nullable(),
	modules: z.array(moduleUse)
});
export type Usage = { limits: Limits; modules: ModuleUse[] };

/** LIM-1, CAD-4: "12 of 20 created, 10 of 10 active in Leads", for every module. */
export async function getUsage(tx: OrgTx, actor: Actor): Promise<Usage> {
	requirePermission(actor, 'cadences.view');
	const [found] = await tx.execute(sql`
		select o.edition, o.add_ons as "addOns", o.actions_per_cadence as "actionsPerCadence",
			o.emails_per_day as "emailsPerDay", ${selectModuleUse(actor.orgId)} as modules
		from organizations o where o.id = ${actor.orgId}`);
	const { modules, ...subscription } = row.parse(found);
	return { limits: deployedLimits(subscription), modules };
}
