import { sql } from 'drizzle-orm';
import type { OrgTx } from '../db/client.ts';
import { failpoint } from '../failpoint.ts';
import { enqueue } from '../jobs.ts';
import { writeRecords } from '../records/writeRecords.ts';
import type { ChannelFacts } from './channelFacts.ts';
import { enrollSet } from './enrollSet.ts';
import type { ExtraWork } from './extraWork.ts';
import { iso, type StepBatch } from './stepBatch.ts';

type Of<K extends ExtraWork['kind']> = Extract<ExtraWork, { kind: K }>;
const ofKind = <K extends ExtraWork['kind']>(work: readonly ExtraWork[], kind: K) =>
	work.filter((one): one is Of<K> => one.kind === kind);

/**
 * GRA-8: does what the executed extra actions of a batch ask for, in sets, before the batch is written: their events say
 * what came of it. A batch that turns out to repeat an action is rolled back with all of it (EXE-1).
 */
export async function performExtras(tx: OrgTx, batch: StepBatch, facts: ChannelFacts): Promise<void> {
	await facts.turns?.save(tx);
	const work = batch.extras;
	if (!work) return;
	await changeRecords(tx, ofKind(work, 'change'));
	await enrollAll(tx, ofKind(work, 'enroll'));
	await queueWebhooks(tx, ofKind(work, 'webhook'), batch.now);
	failpoint('extras.written');
}

/** CRM-4: as any change of a record: audit entry, and `record_changes` for views and un-enrollment. */
async function changeRecords(tx: OrgTx, changes: readonly Of<'change'>[]): Promise<void> {
	for (const own of Map.groupBy(changes, (one) => `${one.orgId}/${one.module.id}`).values()) {
		const { orgId, module } = own[0]!;
		await tx.execute(sql`select set_config('app.org', ${orgId}, true)`);
		await writeRecords(tx, null, module, own);
	}
}

/** ENR-3..6: the records that may come in, by one statement per cadence. */
async function enrollAll(tx: OrgTx, enrolls: readonly Of<'enroll'>[]): Promise<void> {
	const groups = Map.groupBy(enrolls, (one) => one.target?.id ?? '');
	for (const [, own] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const target = own[0]!.target;
		const wanted = own.filter((one) => one.outcome === 'ok');
		const entered =
			target && wanted.length
				? await enrollSet<{ record_id: string }>(
						tx,
						target,
						sql`select id, time_zone, 'ok' as outcome from records
							where org_id = ${target.orgId}::uuid and id = any(${sql.param(wanted.map((one) => one.recordId))}::uuid[])`,
						{ source: 'cadence', userId: null },
						sql`record_id from made`
					)
				: [];
		const ids = new Set(entered.map((row) => row.record_id));
		for (const one of own) {
			// ENR-5: somebody else was faster.
			const came = ids.has(one.recordId) ? 'enrolled' : 'already_enrolled';
			Object.assign(one.note, { outcome: one.outcome === 'ok' ? came : one.outcome });
		}
	}
}

async function queueWebhooks(tx: OrgTx, calls: readonly Of<'webhook'>[], now: number): Promise<void> {
	if (!calls.length) return;
	await tx.execute(sql`
		insert into webhook_calls (org_id, id, action_run_id, enrollment_id, run_no, action_id, cadence_id, record_id, queued_at,
			not_before, receiver)
		select r.org, r.id, r."actionRun", r.enrollment, r.run, r.action, r.cadence, r.record, ${iso(now)}::timestamptz,
			${iso(now)}::timestamptz, r.receiver
		from jsonb_to_recordset(${JSON.stringify(calls.map(({ row }) => row))}::jsonb) as r(org uuid, id uuid,
			"actionRun" uuid, enrollment uuid, run int, action text, cadence uuid, record uuid, receiver text)`);
	await enqueue(tx, 'sendWebhooks', {}, { key: 'sendWebhooks' });
}

/** Far enough that no claim ever looks at it: completing the task of the review brings it back. */
const heldUntil = '9999-12-31T00:00:00Z';

/** GRA-8 [+]: e-mails that wait for their review, and the tasks that show them. Called when the messages are written. */
export async function holdForReview(tx: OrgTx, batch: StepBatch): Promise<void> {
	const reviews = ofKind(batch.extras ?? [], 'review');
	if (!reviews.length) return;
	await tx.execute(sql`
		update messages m set not_before = ${heldUntil}::timestamptz, wait_reason = 'review'
		from jsonb_to_recordset(${JSON.stringify(
			reviews.map((one) => ({ o: one.org, m: one.messageId }))
		)}::jsonb) as k(o uuid, m uuid)
		where m.org_id = k.o and m.id = k.m`);
	await tx.execute(sql`
		insert into activities (org_id, id, kind, record_id, owner_id, subject, description, status, priority, due_at, remind_at,
			action_run_id, enrollment_id, run_no, action_id, review, created_at)
		select r.org, r.id, 'task', r.record, r.owner, r.subject, r.description, r.status, r.priority, r."dueAt", r."remindAt",
			r.id, r.enrollment, r.run, r.action, true, ${iso(batch.now)}::timestamptz
		from jsonb_to_recordset(${JSON.stringify(reviews.map((one) => one.activity))}::jsonb) as r(org uuid, id uuid,
			record uuid, owner uuid, subject text, description text, status text, priority text, "dueAt" timestamptz,
			"remindAt" timestamptz, enrollment uuid, run int, action text)
		-- VER-4: it was held before, in a version from which its run was moved.
		on conflict (org_id, id) do update set status = excluded.status, owner_id = excluded.owner_id, due_at = excluded.due_at,
			remind_at = excluded.remind_at, cancelled_at = null, cancelled_by = null, reminded_at = null, snoozed_until = null
			where activities.completed_at is null and activities.deleted_at is null`);
}
