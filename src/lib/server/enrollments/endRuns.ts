import { sql } from 'drizzle-orm';
import { endStatusOf, withdraws } from '#lib/domain/enrollment/endReason.ts';
import type { EndReason } from '#lib/domain/enrollment/state.ts';
import type { Executor } from '../db/client.ts';
import { failpoint } from '../failpoint.ts';

export type Ending = {
	orgId: string;
	enrollmentId: string;
	reason: EndReason;
	/** Free words: the exit's label, a person's reason. */
	detail?: string | null;
	/** Where it ended, when that is not the current action (an exit node). */
	actionId?: string | null;
};
export type EndedRun = { orgId: string; enrollmentId: string; cadenceId: string; recordId: string };

/**
 * UNE-4, UNE-8: the one core of every ending from outside an action: ends live runs, cancels their pending branches,
 * withdraws queued messages, cancels open activities, logs and counts. Runs that ended meanwhile are left alone.
 * Sets of any size; rows are locked in id order. The caller holds the cadence's lock where it must exclude a pass.
 * @returns the runs that this call ended
 */
export async function endRuns(
	tx: Executor,
	endings: readonly Ending[],
	actorId: string | null = null
): Promise<EndedRun[]> {
	if (!endings.length) return [];
	const rows = endings.map((one) => ({
		org: one.orgId,
		id: one.enrollmentId,
		reason: one.reason,
		detail: one.detail ?? null,
		action: one.actionId ?? null,
		status: endStatusOf(one.reason),
		withdraw: withdraws(one.reason)
	}));
	// Locks are a statement of their own: the next one's snapshot then sees what a pass that held the rows has
	// written (a message it had just queued was missed by one statement that locked and cancelled). Found by their keys
	// alone, and the next one does not look at the status again: with statistics from before a bulk change the planner
	// believes that hardly a run is live and compares each with each (5,000 of 7,000: 25 s instead of 0.3 s).
	const orgs = orgsOf(rows);
	const locked = await tx.execute<{ id: string; since: number }>(sql`
		select e.id, date_part('epoch', e.enrolled_at) as since from enrollments e
		where e.org_id = any(${orgs})
			and e.id = any(${sql.param(rows.map((row) => row.id))}::uuid[]) and e.status in ('active', 'paused')
		order by e.id for update of e`);
	if (!locked.length) return [];
	const live = new Set(locked.map((row) => row.id));
	const leaving = rows.filter((row) => row.withdraw && live.has(row.id));
	const queued = await lockQueued(tx, leaving);
	const before = await stopsBefore(tx, rows, Math.min(...locked.map((row) => row.since)));
	const wanted = JSON.stringify(
		rows
			.filter((row) => live.has(row.id))
			.map((row) => ({
				...row,
				before:
					before
						.get(row.id)
						?.filter(({ detail }) => detail === row.reason)
						.map(({ run }) => run) ?? []
			}))
	);
	failpoint('end.locked');
	const ended = await tx.execute<{ org_id: string; id: string; cadence_id: string; record_id: string }>(sql`
		with wanted as (
			select * from jsonb_to_recordset(${wanted}::jsonb)
				as w(org uuid, id uuid, reason text, detail text, action text, status text, withdraw boolean, before int[])
		), ended as (
			update enrollments e set status = l.status, ended_at = app.now(), ended_by = ${actorId}::uuid,
				end_reason = l.reason, end_detail = l.detail, next_branch_id = null, next_action_id = null, due_at = null,
				-- What has ended concerns the engine no more, and if it is resumed, nothing of that is held against it.
				pause_causes = '[]', paused_until = null, quarantined_at = null, quarantine_reason = null, version = e.version + 1,
				-- REE-4: before the first action nothing else remembers when it would have been due.
				frozen = case when e.current_action_id is null and e.next_branch_id is not null
					then jsonb_build_object(e.next_branch_id, jsonb_build_object('remaining', 0, 'business', false, 'until',
						round(extract(epoch from e.due_at) * 1000)))
					else e.frozen end
			from wanted l where e.org_id = l.org and e.id = l.id
			returning e.org_id, e.id, e.cadence_id, e.version_id, e.record_id, e.run_no, e.follow_up, e.enrolled_at,
				coalesce(l.action, e.current_action_id) as action_id, l.reason, l.detail, l.status, l.withdraw,
				-- REP-3: a run that was resumed can stop for the same reason again.
				not e.run_no = any(l.before) as first
		), withdrawn as (
			update messages m set status = 'cancelled', settled_at = app.now(), error_code = 'withdrawn', wait_reason = null,
				claim = null, lease_until = null
			from ended e where m.org_id = any(${orgs}) and m.id = any(${sql.param(queued)}::uuid[]) and e.withdraw
				and m.org_id = e.org_id and m.enrollment_id = e.id and m.run_no = e.run_no
			returning m.org_id, m.enrollment_id, m.run_no, m.action_id
		), uncalled as (
			update webhook_calls m set status = 'cancelled', settled_at = app.now(), wait_reason = null from ended e
			where e.withdraw and m.org_id = e.org_id and m.enrollment_id = e.id and m.run_no = e.run_no and m.status = 'queued'
				-- A person asked for that call after it had failed.
				and m.sent_again_at is null
			returning m.org_id, m.enrollment_id, m.run_no, m.action_id
		), unqueued as (
			update action_runs a set status = 'cancelled' from (table withdrawn union all table uncalled) w
			where a.org_id = w.org_id and a.enrollment_id = w.enrollment_id and a.run_no = w.run_no and a.action_id = w.action_id
				and a.status = 'queued' returning 1
		), open as materialized (
			-- Run by run, then action by action: without fresh statistics the planner joins along org_id alone and compares
			-- every activity of the organization with every action (400 runs: more than a minute).
			select t.id from ended e
			cross join lateral (select a.org_id, a.id from action_runs a
				where a.org_id = e.org_id and a.enrollment_id = e.id and a.run_no = e.run_no
					and (a.kind in ('task', 'call') or (a.kind = 'email' and a.status = 'queued')) offset 0) a
			cross join lateral (select t.id from activities t
				where t.org_id = a.org_id and t.id = a.id
					and t.completed_at is null and t.cancelled_at is null and t.deleted_at is null offset 0) t
			where e.withdraw
		), cancelled as (
			update activities t set status = 'Cancelled', cancelled_at = app.now(), cancelled_by = 'system'
			-- By its keys at once: as a join it could be read again for every open activity (1,000 runs: half a minute).
			where t.org_id = any(${orgs}) and t.id = any(array(select id from open))
				and t.completed_at is null and t.cancelled_at is null and t.deleted_at is null
			returning 1
		), logged as (
			insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, action_id, follow_up, kind,
				detail, first, actor_id, enrolled_day, day, data)
			select e.org_id, app.now(), e.cadence_id, e.version_id, e.id, e.run_no, e.record_id, e.action_id, e.follow_up,
				case e.status when 'stopped' then 'unenrolled' else e.status end, e.reason,
				e.first, ${actorId}::uuid,
				app.local_day(e.enrolled_at, o.time_zone), app.local_day(app.now(), o.time_zone),
				case when e.detail is not null then jsonb_build_object('text', e.detail) end
			from ended e join organizations o on o.id = e.org_id
			returning org_id, cadence_id, version_id, action_id, kind, detail, first, day, enrolled_day
		), counted as (
			insert into report_deltas (org_id, cadence_id, version_id, action_id, kind, detail, first, day, enrolled_day, count)
			select org_id, cadence_id, version_id, coalesce(action_id, ''), kind, detail, first, day, enrolled_day, count(*)
			from logged group by 1, 2, 3, 4, 5, 6, 7, 8, 9 returning 1
		)
		select org_id, id, cadence_id, record_id from ended`);
	if (ended.length) failpoint('end.written');
	return ended.map((row) => ({
		orgId: row.org_id,
		enrollmentId: row.id,
		cadenceId: row.cadence_id,
		recordId: row.record_id
	}));
}

const orgsOf = (rows: readonly { org: string }[]) =>
	sql`${sql.param([...new Set(rows.map((row) => row.org))])}::uuid[]`;

/**
 * The messages that an end may withdraw, locked in the senders' order before the end has a time: when this waits for a mark
 * `sending`, that came first, and is older than the end (I6).
 */
async function lockQueued(tx: Executor, rows: readonly { org: string; id: string }[]): Promise<string[]> {
	if (!rows.length) return [];
	const found = await tx.execute<{ id: string }>(sql`
		select m.id from messages m
		where m.org_id = any(${orgsOf(rows)}) and m.enrollment_id = any(${sql.param(rows.map((row) => row.id))}::uuid[])
			and m.status in ('queued', 'claimed')
		order by m.org_id, m.id for update of m`);
	return found.map((row) => row.id);
}

/**
 * In which runs these enrollments stopped before, and why. Read at once: looked up run by run, it was the greatest part
 * of ending 5,000, as each asks every partition.
 */
async function stopsBefore(
	tx: Executor,
	rows: readonly { org: string; id: string }[],
	since: number
): Promise<Map<string, { run: number; detail: string }[]>> {
	const found = await tx.execute<{ id: string; run: number; detail: string }>(sql`
		select distinct b.enrollment_id as id, b.run_no as run, b.detail from events b
		where b.org_id = any(${orgsOf(rows)})
			and b.enrollment_id = any(${sql.param(rows.map((row) => row.id))}::uuid[])
			-- A second earlier than the first of them began: the fraction has gone through a floating number.
			and b.at >= to_timestamp(${since - 1}::float8) and b.kind = 'unenrolled' and b.detail is not null`);
	return Map.groupBy(found, (row) => row.id);
}
