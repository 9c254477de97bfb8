import { sql, type SQL } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { visibleOwner } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { leaveReason } from '../engine/cadenceConditions.ts';
import type { CadenceContext } from '../engine/cadenceContext.ts';
import type { EnrollSkip } from './enrollInput.ts';

type Classified = { id: string; outcome: EnrollSkip | 'ok' };

/** ENR-3, ENR-4, ENR-6: what enrolling would do with each record, in one statement. */
export const classifyRecords = (
	tx: OrgTx,
	actor: Actor,
	cadence: CadenceContext,
	ids: readonly string[]
): Promise<Classified[]> => classifyFor(tx, scopeOf(actor), cadence, ids);

/** The same for who sees all records (`ownerId` null), or those of one owner. */
export async function classifyFor(
	tx: OrgTx,
	scope: Scope,
	cadence: CadenceContext,
	ids: readonly string[]
): Promise<Classified[]> {
	const rows = await tx.execute<Classified>(
		sql`select id, outcome from (${await classified(tx, scope, cadence, ids)}) c`
	);
	return [...rows];
}

type Scope = { orgId: string; ownerId: string | null };

/** PER-3: what the actor may see. */
export const scopeOf = (actor: Actor): Scope => ({ orgId: actor.orgId, ownerId: visibleOwner(actor) });

/** As a relation of `id`, `time_zone` and `outcome`, for a statement that goes on with it. */
export async function classified(
	tx: OrgTx,
	{ orgId, ownerId }: Scope,
	cadence: CadenceContext,
	ids: readonly string[]
): Promise<SQL> {
	const leave = await leaveReason(tx, cadence);
	return sql`
		select k.id, r.time_zone, case
			when r.id is null or r.deleted_at is not null then 'deleted'
			when r.module_id <> ${cadence.moduleId}::uuid then 'wrong_module'
			when ${ownerId}::uuid is not null and r.owner_id <> ${ownerId}::uuid then 'no_permission'
			when e.status in ('active', 'paused') then 'already_enrolled'
			when r.converted_at is not null then 'converted'
			when e.id is not null then 'enrolled_before'
			when ${cadence.state !== 'active' || cadence.deleted} then 'cadence_inactive'
			when ${leave} is not null then 'matches_unenrollment'
			else 'ok' end as outcome
		from unnest(${sql.param([...ids])}::uuid[]) as k(id)
		-- Sub-queries with a limit, so that both are looked up by key for each record: with statistics from before a bulk
		-- enrollment the planner expects a single run and compares all runs with all records. The cadence as text keeps the
		-- look-up from beginning with all runs of the cadence.
		left join lateral (select * from records x where x.org_id = ${orgId}::uuid and x.id = k.id limit 1) r on true
		left join lateral (select x.id, x.status from enrollments x
			where x.org_id = ${orgId}::uuid and x.record_id = k.id and x.cadence_id::text = ${cadence.id} limit 1) e on true`;
}
