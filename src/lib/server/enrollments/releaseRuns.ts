import { sql, type SQL } from 'drizzle-orm';
import { isAction } from '#lib/domain/enrollment/branches.ts';
import { noResponseId } from '#lib/domain/enrollment/race.ts';
import type { PlanAction } from '#lib/domain/plan/plan.ts';
import { isBareDelay } from '#lib/domain/time/addDelay.ts';
import type { Calendar } from '#lib/domain/time/calendar.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';
import { loadCadences } from '../engine/cadenceContext.ts';
import { changeRuns } from './changeRuns.ts';

/** Where a run may stand: which of its timers the database can set going, each with its rank and what it leads to. */
type Standing = {
	timers: Record<string, [rank: number, target: string | null]>;
	/** Whether it can wait without any timer: the lack of branches ends a run. */
	mayWait: boolean;
};

/**
 * DEA-2, ENR-9: lets all halted runs of a cadence go on with their remaining delays, as `transition` would one by one. The
 * caller holds the cadence's exclusive lock, so the database does it for whoever waits for bare delays alone. Runs whose
 * delays have to fit into business hours, a window, a time of day or around holidays, that were sent on by a person, or
 * may end for silence, go through the core.
 * @returns how many it changed; a person's pause stays
 */
export async function releaseRuns(
	tx: OrgTx,
	{ orgId, userId }: { orgId: string; userId: string },
	cadenceId: string
): Promise<number> {
	const halted = sql`e.org_id = ${orgId}::uuid and e.cadence_id = ${cadenceId}::uuid
		and e.status = 'paused' and e.pause_causes ? 'cadence_inactive'`;
	const alone = sql`jsonb_array_length(e.pause_causes) = 1`;
	const locked = await tx.execute<{ version_id: string }>(sql`
		with locked as (select e.version_id from enrollments e where ${halted} order by e.id for update of e)
		select distinct version_id from locked`);
	if (!locked.length) return 0;
	const standings = await standingsOf(
		tx,
		orgId,
		cadenceId,
		locked.map((row) => row.version_id)
	);
	const standing = sql`(${JSON.stringify(standings)}::jsonb -> (e.version_id || '/' || coalesce(e.current_action_id, '')))`;
	const resume = { kind: 'resume', cause: 'cadence_inactive' } as const;
	const byCore = sql`${halted} and ${alone} and (e.quarantined_at is not null or not ${canRelease(standing)})`;
	const one = await changeRuns(tx, orgId, byCore, resume, userId);
	const paused = await writeReleased(tx, userId, {
		orgId,
		where: sql`${halted} and not ${alone}`,
		set: sql`pause_causes = e.pause_causes - 'cadence_inactive'`
	});
	const goingOn = await writeReleased(tx, userId, {
		orgId,
		// What the core could not let go on is set aside now, and stays where it is.
		where: sql`${halted} and e.quarantined_at is null`,
		set: sql`status = 'active', pause_causes = '[]', frozen = null,
			(race, next_branch_id, next_action_id, due_at) = (
				select case jsonb_typeof(e.race) when 'object' then jsonb_set(e.race - 'pausedAt', '{timed}',
						coalesce(jsonb_object_agg(t.key, t.due) filter (where t.key is not null), '{}')
							-- EXE-3: a version with an end that they are moved to counts its days from here.
							|| jsonb_build_object(${noResponseId}::text, c.ms))
						|| case when e.race ? 'pausedAt' then jsonb_build_object('heldFrom', e.race -> 'pausedAt', 'heldUntil', c.ms) else '{}' end
						else e.race end,
					(array_agg(t.key order by t.due, t.rank, t.key collate "C"))[1],
					(array_agg(t.target order by t.due, t.rank, t.key collate "C"))[1],
					to_timestamp(min(t.due) / 1000.0)
				from (select f.key, c.ms + (f.value -> 'remaining')::bigint as due, (s.timers -> f.key -> 0)::int as rank,
						s.timers -> f.key ->> 1 as target
					from jsonb_each(e.frozen) f, (select ${standing} -> 'timers' as timers offset 0) s) t)`
	});
	return one + paused + goingOn;
}

/** Whether a halted run stands where nothing but adding what is left of its delays has to be done. */
const canRelease = (
	standing: SQL
) => sql`coalesce(jsonb_typeof(e.frozen) = 'object' and ${standing} is not null
	and not jsonb_path_exists(e.frozen, '$.* ? (@.full == true || @.business == true || @.remaining > 10000000000000)')
	and not exists (select 1 from jsonb_object_keys(e.frozen) k where not ${standing} -> 'timers' ? k)
	and case when e.frozen = '{}' then (${standing} -> 'mayWait')::boolean
		else e.current_action_id is null or e.race ->> 'openedAt' is not null end, false)`;

async function writeReleased(
	tx: OrgTx,
	userId: string,
	{ orgId, where, set }: { orgId: string; where: SQL; set: SQL }
): Promise<number> {
	const [row] = await tx.execute<{ n: number }>(sql`
		with clock as materialized (
			-- One instant: the log's and the one the delays are counted from.
			select n.at, round(extract(epoch from n.at) * 1000)::bigint as ms, app.local_day(n.at, o.time_zone) as day, o.time_zone
			from organizations o, (select app.now() as at offset 0) n where o.id = ${orgId}::uuid
		), released as (
			update enrollments e set ${set}, version = e.version + 1 from clock c where ${where}
			returning e.org_id, e.id, e.cadence_id, e.version_id, e.record_id, e.run_no, e.enrolled_at
		), logged as (
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, kind, detail, actor_id,
				enrolled_day, day)
			select h.org_id, c.at, h.cadence_id, h.version_id, h.id, h.run_no, h.record_id, 'unpaused', 'cadence_inactive',
				${userId}::uuid, app.local_day(h.enrolled_at, c.time_zone), c.day
			from released h, clock c
		)
		select count(*)::int as n from released`);
	return row?.n ?? 0;
}

/** By version and action; the entry stands at no action. */
async function standingsOf(
	tx: OrgTx,
	orgId: string,
	cadenceId: string,
	versionIds: readonly string[]
): Promise<Record<string, Standing>> {
	const cadence = (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId);
	const plans = await loadPlans(
		tx,
		versionIds.map((versionId) => ({ orgId, versionId }))
	);
	const all: Record<string, Standing> = {};
	if (!cadence) return all;
	for (const [versionId, plan] of plans) {
		all[`${versionId}/`] = {
			timers: timersOf([{ ...plan.entry, rank: 0 }], cadence.calendar),
			mayWait: false
		};
		// EXE-3: the wait for any response has to be timed again.
		if (plan.settings.endAfterDays !== null) continue;
		for (const action of Object.values(plan.nodes).filter(isAction))
			all[`${versionId}/${action.id}`] = {
				timers: timersOf(action.branches, cadence.calendar),
				mayWait: action.branches.length > 0
			};
	}
	return all;
}

const timersOf = (
	branches: readonly Pick<PlanAction['branches'][number], 'id' | 'delay' | 'rank' | 'target'>[],
	calendar: Calendar
): Standing['timers'] =>
	Object.fromEntries(
		branches
			.filter(({ delay }) => isBareDelay(delay, calendar))
			.map(({ id, rank, target }) => [id, [rank, target]])
	);
