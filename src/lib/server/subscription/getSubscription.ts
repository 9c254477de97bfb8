import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { EditionSettings, Limits, Subscription } from '#lib/domain/access/editions.ts';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '../db/client.ts';
import { deployedLimits, editionSettings } from '../limits/deployedLimits.ts';
import { moduleUse, selectModuleUse, type ModuleUse } from '../limits/moduleUse.ts';

const row = z.object({
	edition: z.enum(['standard', 'professional', 'enterprise', 'ultimate']),
	addOns: z.number(),
	actionsPerCadence: z.number().nullable(),
	emailsPerDay: z.number().nullable(),
	emailsToday: z.number(),
	usage: z.array(moduleUse)
});
export type SubscriptionUse = Subscription & {
	limits: Limits;
	/** LIM-4: for comparing editions. */
	settings: EditionSettings;
	emailsToday: number;
	/** LIM-1: per module. */
	usage: ModuleUse[];
};

/** LIM-1..LIM-5: the edition, its limits and how much of them is used. One query. */
export async function getSubscription(tx: OrgTx, actor: Actor): Promise<SubscriptionUse> {
	const [found] = await tx.execute(sql`
		select o.edition, o.add_ons as "addOns", o.actions_per_cadence as "actionsPerCadence",
			o.emails_per_day as "emailsPerDay",
			coalesce((select q.used from email_quotas q where q.org_id = o.id
				and q.day = (app.now() at time zone o.time_zone)::date), 0) as "emailsToday",
			${selectModuleUse(actor.orgId)} as usage
		from organizations o where o.id = ${actor.orgId}`);
	const use = row.parse(found);
	return { ...use, limits: deployedLimits(use), settings: editionSettings() };
}
