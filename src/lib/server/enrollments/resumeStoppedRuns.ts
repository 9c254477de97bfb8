import { sql } from 'drizzle-orm';
import { awaitsHandOver } from '#lib/domain/enrollment/race.ts';
import { transition } from '#lib/domain/enrollment/transition.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import type { OrgTx } from '../db/client.ts';
import { type CadenceContext } from '../engine/cadenceContext.ts';
import { enrollmentColumns, runOf, type EnrollmentRow } from '../engine/enrollmentRow.ts';
import { tryTransition } from '../engine/poison.ts';
import { zoneOr } from '../engine/recordFacts.ts';
import { recordEffects, recordState, stepOf } from '../engine/recordStep.ts';
import { newBatch } from '../engine/stepBatch.ts';
import { writeBatch } from '../engine/writeBatch.ts';
import { enqueue } from '../jobs.ts';
import { redirectCalls } from './redirectCalls.ts';
import { remakeMessages, type WaitingRun } from './remakeMessages.ts';
import { transitionContext } from '../engine/transitionContext.ts';

type Row = EnrollmentRow & {
	zone: string | null;
	now: number;
	handed_over_at: number | null;
	again: boolean;
};

/**
 * REE-4: stopped runs of one cadence go on in its active version. The caller holds the shared lock and the rows' locks,
 * and has looked at REE-1 and REE-3. Withdrawn messages are queued again, activities that the system cancelled are open
 * again, later by as long as the run was stopped.
 * @returns how many go on
 */
export async function resumeStoppedRuns(
	tx: OrgTx,
	cadence: CadenceContext,
	ids: readonly string[],
	actorId: string | null
): Promise<number> {
	const { orgId, plan, activeVersionId } = cadence;
	if (!ids.length || !plan || !activeVersionId) return 0;
	const rows = await readStopped(tx, orgId, ids);
	if (!rows.length) return 0;
	const plans = await loadPlans(
		tx,
		rows.map((row) => ({ orgId, versionId: row.version_id }))
	);
	const batch = newBatch(rows[0]!.now);
	const resumed: WaitingRun[] = [];
	for (const row of rows) {
		const before = runOf(row);
		const older = plans.get(row.version_id)!;
		const context = transitionContext(batch.now, older, cadence, zoneOr(row.zone, cadence.orgTimeZone));
		const { enrolled_at: enrolledAt, handed_over_at: handedOverAt } = row;
		const event = { kind: 'resumeStopped', to: plan, enrolledAt, handedOverAt } as const;
		// What has ended is not set aside: it stays as it is, and can be restarted.
		const happened = tryTransition([], row, () => transition(before, event, context));
		if (!happened?.[1].length) continue;
		const [run, effects] = happened;
		const pinned = { ...row, version_id: activeVersionId };
		const step = stepOf(pinned, plan, cadence);
		recordEffects(batch, step, effects, actorId, row.again ? { again: true } : null);
		recordState(batch, step, before, run);
		resumed.push({ row: pinned, run, plan, cadence });
	}
	await writeBatch(tx, batch);
	const some = sql`${sql.param(resumed.map(({ row }) => row.id))}::uuid[]`;
	await reopenActivities(tx, orgId, some);
	await remakeMessages(tx, resumed, 'withdrawn', actorId);
	await requeueWebhooks(tx, orgId, resumed);
	await redirectCalls(tx, resumed);
	return resumed.length;
}

async function readStopped(tx: OrgTx, orgId: string, ids: readonly string[]): Promise<Row[]> {
	const rows = await tx.execute<Row>(sql`
		select ${enrollmentColumns}, r.time_zone as zone, round(extract(epoch from app.now()) * 1000)::float8 as now,
			-- What a sender had begun when the run stopped was handed over after all (EXE-10).
			round(extract(epoch from case when m.status in ('sent', 'unknown') then m.sent_at
				when a.status in ('executed', 'skipped') then a.executed_at end) * 1000)::float8 as handed_over_at,
			exists (select 1 from events v where v.org_id = e.org_id and v.enrollment_id = e.id and v.at >= e.enrolled_at
				and v.run_no = e.run_no and v.kind = 'resumed') as again
		from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
		left join action_runs a on a.org_id = e.org_id and a.enrollment_id = e.id and a.run_no = e.run_no
			and a.action_id = e.current_action_id
		left join messages m on m.org_id = a.org_id and m.action_run_id = a.id
		where e.org_id = ${orgId}::uuid and e.id = any(${sql.param([...ids])}::uuid[]) and e.status = 'stopped'
		order by e.id for update of e`);
	return [...rows];
}

/**
 * A webhook that nobody had taken when the run stopped is called again, with the same key (GRA-8); also one that failed
 * without its run hearing of it any more, and one that a person has sent again since: from now on the run is told.
 */
async function requeueWebhooks(tx: OrgTx, orgId: string, resumed: readonly WaitingRun[]): Promise<void> {
	const waiting = resumed.filter(({ run }) => run.race && awaitsHandOver(run.race));
	if (!waiting.length) return;
	const rows = await tx.execute(sql`
		with calls as (
			update webhook_calls w set status = 'queued', not_before = app.now(), settled_at = null, wait_reason = null,
				attempts = 0, first_attempt_at = null, sent_again_at = null
			from enrollments e
			where e.org_id = ${orgId}::uuid and e.id = any(${sql.param(waiting.map(({ row }) => row.id))}::uuid[])
				and w.org_id = e.org_id and w.enrollment_id = e.id and w.run_no = e.run_no and w.action_id = e.current_action_id
				and (w.status in ('cancelled', 'failed') or w.status = 'queued' and w.sent_again_at is not null)
			returning w.org_id, w.enrollment_id, w.run_no, w.action_id
		)
		update action_runs a set status = 'queued' from calls c
		where a.org_id = c.org_id and a.enrollment_id = c.enrollment_id and a.run_no = c.run_no and a.action_id = c.action_id
		returning 1`);
	if (rows.length) await enqueue(tx, 'sendWebhooks', {}, { key: 'sendWebhooks' });
}

/** UNE-4, REE-4: as they were before the system cancelled them, due later by as long as that was. */
async function reopenActivities(
	tx: OrgTx,
	orgId: string,
	enrollments: ReturnType<typeof sql>
): Promise<void> {
	await tx.execute(sql`
		with made as materialized (
			-- Run by run, then action by action, then by their keys: without fresh statistics the planner compares every
			-- activity of the organization with each of them (1,000 runs of 200,000: 10 s).
			select a.id, a.action_id, e.id as enrollment_id, e.run_no, e.enrolled_at
			from unnest(${enrollments}) as k(id)
			cross join lateral (select * from enrollments where org_id = ${orgId}::uuid and id = k.id offset 0) e
			cross join lateral (select * from action_runs where org_id = ${orgId}::uuid and enrollment_id = e.id
				and run_no = e.run_no and (kind in ('task', 'call')
					-- A review, only where its e-mail waits again: one that a person skipped past stays cancelled.
					or kind = 'email' and action_id = e.current_action_id and e.race ->> 'openedAt' is null) offset 0) a
		)
		update activities t set cancelled_at = null, cancelled_by = null, reminded_at = null, snoozed_until = null,
			due_at = t.due_at + (app.now() - t.cancelled_at), remind_at = t.remind_at + (app.now() - t.cancelled_at),
			status = case t.kind when 'call' then 'Scheduled' else coalesce(
				(select v.detail from events v where v.org_id = ${orgId}::uuid and v.enrollment_id = m.enrollment_id
					and v.at >= m.enrolled_at and v.run_no = m.run_no and v.action_id = m.action_id and v.kind = 'status'
				order by v.at desc, v.id desc limit 1), 'Not started') end
		from made m
		where t.org_id = ${orgId}::uuid and t.id = any(array(select id from made)) and t.id = m.id
			and t.cancelled_by = 'system' and t.deleted_at is null`);
}
