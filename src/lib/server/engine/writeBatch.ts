import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { executePrepared } from '../db/prepared.ts';
import { rowSet } from '../db/rowSet.ts';
import { endRuns } from '../enrollments/endRuns.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { isLive } from '#lib/domain/enrollment/state.ts';
import { holdForReview } from './performExtras.ts';
import { RowFault, violates } from './poison.ts';
import { deltaRows, iso, type EnrollmentChange, type EventRow, type StepBatch } from './stepBatch.ts';

/**
 * Writes a pass: at most one statement per table, sent one behind the other on the transaction's connection
 * (RELIABILITY.md 2.2). The key of action_runs makes a second execution impossible.
 * @throws RowFault when an action had been executed in its run before
 */
export async function writeBatch(tx: OrgTx, batch: StepBatch): Promise<void> {
	failpoint('batch.begun');
	await Promise.all([
		insertActionRuns(tx, batch),
		insertMessages(tx, batch),
		insertActivities(tx, batch),
		changeActionRuns(tx, batch),
		insertEvents(tx, batch),
		insertDeltas(tx, batch),
		changeEnrollments(tx, batch)
	]).catch((error: unknown) => {
		// EXE-1: the run's own fault, found by halving like any other.
		throw violates(error, 'action_runs_pkey')
			? new RowFault('The action that is due was executed in this run before.')
			: error;
	});
	if (batch.extras) await holdForReview(tx, batch);
	failpoint('batch.effects');
	if (batch.endings.length) await endRuns(tx, batch.endings);
	for (const channel of new Set(batch.messages.map((message) => message.channel)))
		await enqueue(tx, 'sendMessages', { channel }, { key: `sendMessages:${channel}` });
}

async function insertActionRuns(tx: OrgTx, { actionRuns, now }: StepBatch): Promise<void> {
	if (!actionRuns.length) return;
	await executePrepared(
		tx,
		sql`
		insert into action_runs (org_id, id, enrollment_id, run_no, action_id, kind, status, reason, variant, started_at, executed_at,
			seen)
		select r.org, r.id, r.enrollment, r.run, r.action, r.kind, r.status, r.reason, r.variant, ${iso(now)}::timestamptz, r."executedAt",
			r.seen
		from ${rowSet(actionRuns, {
			own: { id: 'uuid', enrollment: 'uuid' },
			shared: {
				org: 'uuid',
				run: 'int',
				action: 'text',
				kind: 'text',
				status: 'text',
				reason: 'text',
				variant: 'text',
				executedAt: 'timestamptz',
				seen: 'text[]'
			}
		})}`
	);
}

async function insertMessages(tx: OrgTx, { messages, now }: StepBatch): Promise<void> {
	if (!messages.length) return;
	await executePrepared(
		tx,
		sql`
		insert into messages (org_id, id, channel, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id,
			template_id, variant, sender_id, to_address, settings, queued_at, not_before)
		select r.org, r.id, r.channel, r."actionRun", r.enrollment, r.run, r.action, r.cadence, r.record, r.template, r.variant,
			r.sender, r."to", r.settings, ${iso(now)}::timestamptz, ${iso(now)}::timestamptz
		from ${rowSet(messages, {
			own: { id: 'uuid', actionRun: 'uuid', enrollment: 'uuid', record: 'uuid', to: 'text' },
			shared: {
				org: 'uuid',
				channel: 'text',
				run: 'int',
				action: 'text',
				cadence: 'uuid',
				template: 'uuid',
				variant: 'text',
				sender: 'uuid',
				settings: 'jsonb'
			}
		})}`
	);
}

async function insertActivities(tx: OrgTx, { activities, now }: StepBatch): Promise<void> {
	if (!activities.length) return;
	await executePrepared(
		tx,
		sql`
		insert into activities (org_id, id, kind, record_id, owner_id, subject, description, status, priority, phone, due_at,
			remind_at, action_run_id, enrollment_id, run_no, action_id, created_at)
		select r.org, r.id, r.kind, r.record, r.owner, r.subject, r.description, r.status, r.priority, r.phone, r."dueAt",
			r."remindAt", r.id, r.enrollment, r.run, r.action, ${iso(now)}::timestamptz
		from ${rowSet(activities, {
			own: { id: 'uuid', record: 'uuid', phone: 'text', enrollment: 'uuid' },
			shared: {
				org: 'uuid',
				kind: 'text',
				owner: 'uuid',
				status: 'text',
				priority: 'text',
				dueAt: 'timestamptz',
				remindAt: 'timestamptz',
				run: 'int',
				action: 'text'
			},
			// With merge fields every text is another one.
			mixed: { subject: 'text', description: 'text' }
		})}`
	);
}

async function changeActionRuns(tx: OrgTx, { actionRunChanges }: StepBatch): Promise<void> {
	if (!actionRunChanges.length) return;
	await executePrepared(
		tx,
		sql`
		update action_runs a set status = coalesce(r.status, a.status), reason = coalesce(r.reason, a.reason),
			executed_at = coalesce(a.executed_at, r."executedAt"), seen = r.seen
		from ${rowSet(actionRunChanges, {
			own: { enrollment: 'uuid' },
			shared: { org: 'uuid', run: 'int', action: 'text', status: 'text', reason: 'text', seen: 'text[]' },
			mixed: { executedAt: 'timestamptz' }
		})}
		where a.org_id = r.org and a.enrollment_id = r.enrollment and a.run_no = r.run and a.action_id = r.action`
	);
}

/** In order: what happened to one run at one instant is told apart by the number of its line. */
async function insertEvents(tx: OrgTx, { events }: StepBatch): Promise<void> {
	if (!events.length) return;
	await executePrepared(
		tx,
		sql`
		insert into events (org_id, at, cadence_id, version_id, enrollment_id, run_no, record_id, action_id, follow_up, kind,
			detail, first, machine, late, actor_id, enrolled_day, day, data)
		select r."orgId", r.at, r."cadenceId", r."versionId", r."enrollmentId", r."runNo", r."recordId", r."actionId",
			r."followUp", r.kind, r.detail, r.first, r.machine, r.late, r."actorId", r."enrolledDay", r.day, r.data
		from ${rowSet(events.map(withDataAsText), {
			own: { enrollmentId: 'uuid', recordId: 'uuid' },
			shared: {
				orgId: 'uuid',
				cadenceId: 'uuid',
				versionId: 'uuid',
				runNo: 'int',
				actionId: 'text',
				followUp: 'int',
				kind: 'text',
				detail: 'text',
				first: 'boolean',
				machine: 'boolean',
				late: 'boolean',
				actorId: 'uuid',
				enrolledDay: 'date',
				day: 'date'
			},
			mixed: { at: 'timestamptz', data: 'jsonb' }
		})}
		order by r.n`
	);
}

const withDataAsText = (event: EventRow) =>
	event.data === null ? event : { ...event, data: JSON.stringify(event.data) };

async function insertDeltas(tx: OrgTx, batch: StepBatch): Promise<void> {
	const deltas = deltaRows(batch);
	if (!deltas.length) return;
	await executePrepared(
		tx,
		sql`
		insert into report_deltas (org_id, cadence_id, version_id, action_id, kind, detail, first, machine, day, enrolled_day, count)
		select r."orgId", r."cadenceId", r."versionId", r."actionId", r.kind, r.detail, r.first, r.machine, r.day,
			r."enrolledDay", r.count
		from jsonb_to_recordset(${JSON.stringify(deltas)}::jsonb) as r("orgId" uuid, "cadenceId" uuid, "versionId" uuid,
			"actionId" text, kind text, detail text, first boolean, machine boolean, day date, "enrolledDay" date, count int)`
	);
}

async function changeEnrollments(tx: OrgTx, { changes, now }: StepBatch): Promise<void> {
	if (!changes.length) return;
	await executePrepared(
		tx,
		sql`
		update enrollments e set status = r.status, pause_causes = r.causes, race = r.race, next_branch_id = r.branch,
			next_action_id = r.next, due_at = r.due, frozen = r.frozen, done = r.done, current_action_id = r.current,
			follow_up = r."followUp", last_response = coalesce(r.last, e.last_response),
			last_response_at = coalesce(r."lastAt", e.last_response_at), ended_at = r."endedAt", end_reason = r.reason,
			end_detail = r.detail, version_id = r."versionId", version = e.version + 1,
			ended_by = case when r."endedAt" is not null then e.ended_by end,
			quarantined_at = case when r."endedAt" is null then e.quarantined_at end,
			quarantine_reason = case when r."endedAt" is null then e.quarantine_reason end
		from ${rowSet(
			changes.map((change) => changedColumns(change, now)),
			{
				own: { id: 'uuid' },
				shared: {
					org: 'uuid',
					versionId: 'uuid',
					status: 'text',
					causes: 'jsonb',
					branch: 'text',
					next: 'text',
					frozen: 'jsonb',
					done: 'jsonb',
					current: 'text',
					followUp: 'int',
					last: 'text',
					endedAt: 'timestamptz',
					reason: 'text',
					detail: 'text'
				},
				mixed: { race: 'jsonb', due: 'timestamptz', lastAt: 'timestamptz' }
			}
		)}
		where e.org_id = r.org and e.id = r.id`
	);
}

/** A run that ends with withdrawals is still live here: `endRuns` ends it in the next statement. */
function changedColumns(change: EnrollmentChange, now: number) {
	const { row, run, nextActionId, followUp, lastResponse, lastResponseAt } = change;
	const live = isLive(run.status);
	return {
		org: row.org_id,
		id: row.id,
		// VER-4, REE-4: a run that was moved is pinned to another one.
		versionId: row.version_id,
		status: run.status,
		causes: JSON.stringify(run.pauseCauses),
		race: run.race && JSON.stringify(run.race),
		branch: run.next?.branchId ?? null,
		next: nextActionId,
		// Never in the past: a pass starts reading where the last one stopped (PERFORMANCE.md 4, low mark).
		due: run.next ? iso(Math.max(run.next.dueAt, now)) : null,
		frozen: run.frozen && JSON.stringify(run.frozen),
		done: JSON.stringify(run.done),
		current: run.race?.actionId ?? null,
		followUp,
		last: lastResponse,
		lastAt: lastResponseAt,
		endedAt: live || run.endedAt === null ? null : iso(run.endedAt),
		reason: run.endReason,
		detail: run.endDetail
	};
}
