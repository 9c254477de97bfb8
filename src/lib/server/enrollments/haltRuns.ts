import { sql } from 'drizzle-orm';
import { isAction } from '#lib/domain/enrollment/branches.ts';
import { noResponseId } from '#lib/domain/enrollment/race.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';
import { changeRuns } from './changeRuns.ts';

/**
 * DEA-1, ENR-9: pauses all live runs of a cadence with their remaining delays, as `transition` would one by one. The
 * caller holds the cadence's exclusive lock, so what is left of a delay is worked out by the database: 100,000 runs
 * that travelled to the process and back took six times as long. Only runs that wait in business time go that way.
 * @returns how many it paused
 */
export async function haltRuns(
	tx: OrgTx,
	{ orgId, userId }: { orgId: string; userId: string },
	cadenceId: string
): Promise<number> {
	const ofCadence = sql`e.org_id = ${orgId}::uuid and e.cadence_id = ${cadenceId}::uuid
		and e.status in ('active', 'paused') and not e.pause_causes ? 'cadence_inactive'`;
	const versions = await tx.execute<{ id: string }>(
		sql`select distinct e.version_id as id from enrollments e where ${ofCadence}`
	);
	const plans = await loadPlans(
		tx,
		versions.map(({ id }) => ({ orgId, versionId: id }))
	);
	const business = [...plans.values()].flatMap(businessBranches);
	const ids = sql`${sql.param(business)}::text[]`;
	const pause = { kind: 'pause', cause: 'cadence_inactive' } as const;
	const inBusinessTime = sql`e.cadence_id = ${cadenceId}::uuid and e.status = 'active'
		and (e.next_branch_id = any(${ids}) or e.race -> 'timed' ?| ${ids})`;
	const one = business.length ? await changeRuns(tx, orgId, inBusinessTime, pause, userId) : 0;
	// A statement of its own, in id order like everybody's: the next one sees what a response has changed meanwhile.
	await tx.execute(sql`select 1 from enrollments e where ${ofCadence} order by e.id for update of e`);
	const [row] = await tx.execute<{ n: number }>(sql`
		with clock as materialized (
			select app.now() as at, round(extract(epoch from app.now()) * 1000)::bigint as ms, app.local_day(app.now(), o.time_zone) as day,
				o.time_zone from organizations o where o.id = ${orgId}::uuid
		), halted as (
			update enrollments e set status = 'paused', pause_causes = e.pause_causes || '["cadence_inactive"]',
				frozen = case when e.status = 'paused' then e.frozen else coalesce((
					select jsonb_object_agg(t.key, jsonb_build_object('remaining', greatest(0, t.value - c.ms), 'business', false)
						|| case when e.current_action_id is null then jsonb_build_object('since', c.ms) else '{}' end)
					from (
						select key, value::bigint as value from jsonb_each_text(case jsonb_typeof(e.race) when 'object' then e.race -> 'timed' else '{}' end)
						where key <> ${noResponseId}
						union
						-- The entry and the end of the wait for any response are no branches of a race.
						select e.next_branch_id, round(extract(epoch from e.due_at) * 1000)::bigint
						where e.next_branch_id = ${noResponseId} or (e.next_branch_id is not null and e.current_action_id is null)
					) t), '{}') end,
				race = case when jsonb_typeof(e.race) <> 'object' or e.status = 'paused' then e.race
					else jsonb_set(e.race, '{timed}', '{}') || jsonb_build_object('pausedAt', c.ms) end,
				next_branch_id = null, next_action_id = null, due_at = null, version = e.version + 1
			from clock c where ${ofCadence}
			returning e.org_id, e.id, e.cadence_id, e.version_id, e.record_id, e.run_no, e.enrolled_at
		), logged as (
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, kind, detail, actor_id,
				enrolled_day, day)
			select h.org_id, c.at, h.cadence_id, h.version_id, h.id, h.run_no, h.record_id, 'paused', 'cadence_inactive',
				${userId}::uuid, app.local_day(h.enrolled_at, c.time_zone), c.day
			from halted h, clock c
		)
		select count(*)::int as n from halted`);
	return one + (row?.n ?? 0);
}

/** Branches, the entry included, whose remaining delay is business time. */
function businessBranches(plan: Plan): string[] {
	const actions = Object.values(plan.nodes).filter(isAction);
	return [plan.entry, ...actions.flatMap((action) => action.branches)]
		.filter(({ delay }) => delay.unit === 'businessHours' || delay.unit === 'businessDays')
		.map(({ id }) => id);
}
