import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { Limits } from '#lib/domain/access/editions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { deployedLimits } from './deployedLimits.ts';

const row = z.object({
	edition: z.enum(['standard', 'professional', 'enterprise', 'ultimate']),
	addOns: z.number(),
	actionsPerCadence: z.number().nullable(),
	emailsPerDay: z.number().nullable(),
	plural: z.string(),
	created: z.number(),
	active: z.number()
});

export type ModuleUse = { plural: string; created: number; active: number; limits: Limits };

/**
 * LIM-3: what a module uses, while nobody else can change it: the row of (org, module) stays locked until the
 * transaction ends. Lock order: the cadence's advisory lock, its document, then this (RELIABILITY.md 2.2).
 * The count is a statement of its own after the lock, so it sees what the last holder committed.
 */
export async function lockLimits(
	tx: OrgTx,
	actor: Pick<Actor, 'orgId'>,
	moduleId: string
): Promise<ModuleUse> {
	await tx.execute(sql`insert into cadence_limits (org_id, module_id) values (${actor.orgId}, ${moduleId})
		on conflict do nothing`);
	await tx.execute(sql`select 1 from cadence_limits where org_id = ${actor.orgId} and module_id = ${moduleId}
		for update`);
	return readUse(tx, actor, moduleId);
}

/** LIM-1: the same figures without a lock, for showing. */
export async function readUse(tx: OrgTx, actor: Pick<Actor, 'orgId'>, moduleId: string): Promise<ModuleUse> {
	const [found] = await tx.execute(sql`
		select o.edition, o.add_ons as "addOns", o.actions_per_cadence as "actionsPerCadence",
			o.emails_per_day as "emailsPerDay", m.plural, c.created, c.active
		from organizations o
		join modules m on m.org_id = o.id and m.id = ${moduleId}
		cross join lateral (
			select count(*)::int as created, (count(*) filter (where state = 'active'))::int as active
			from cadences where org_id = o.id and module_id = m.id and deleted_at is null
		) c
		where o.id = ${actor.orgId}`);
	if (!found) throw new DomainError('not_found', 'There is no such module.');
	const { plural, created, active, ...subscription } = row.parse(found);
	return { plural, created, active, limits: deployedLimits(subscription) };
}

const remedy = 'or raise the limit under Setup > Subscription (edition or add-on).';

/** LIM-3: throws `limit` unless one more cadence may exist in the module. */
export function requireCreateSlot(use: ModuleUse): void {
	if (use.created < use.limits.created) return;
	throw new DomainError(
		'limit',
		`${use.plural} have ${use.created} of ${use.limits.created} cadences. Delete one that is not needed, ${remedy}`,
		undefined,
		{ limit: use.limits.created, used: use.created }
	);
}

export const hasActiveSlot = (use: ModuleUse): boolean => use.active < use.limits.active;

/** LIM-3: throws `limit` unless one more cadence of the module may be active. */
export function requireActiveSlot(use: ModuleUse): void {
	if (hasActiveSlot(use)) return;
	throw new DomainError(
		'limit',
		`${use.plural} have ${use.active} of ${use.limits.active} active cadences. Deactivate one first, ${remedy}`,
		undefined,
		{ limit: use.limits.active, used: use.active }
	);
}
