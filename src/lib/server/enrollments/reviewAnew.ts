import { sql } from 'drizzle-orm';
import { readClock } from '../db/readClock.ts';
import type { OrgTx } from '../db/client.ts';
import type { ChannelFacts } from '../engine/channelFacts.ts';
import type { DueRun } from '../engine/dueRow.ts';
import { makeReview } from '../engine/makeEffect.ts';
import { holdForReview } from '../engine/performExtras.ts';
import { subjectsOf } from '../engine/prepareExtras.ts';
import { readTurns } from '../engine/roundRobin.ts';
import { newBatch } from '../engine/stepBatch.ts';
import { resolveOwner } from '../engine/verdict.ts';
import { enqueue } from '../jobs.ts';

/** A message made anew; `held`: it waits for a review. */
export type RemadeMessage = { id: string; enrollment_id: string; action_run_id: string; held: boolean };
type Known = { due: readonly DueRun[]; facts: ChannelFacts; actorId: string | null };

/**
 * GRA-8, VER-4: a message that is made anew is reviewed as the new settings say. One that needs a review now is held; where
 * nobody may be asked, whoever made the change is. One that needs none any more goes, and its review is cancelled. What was
 * reviewed is not reviewed again.
 */
export async function reviewAnew(tx: OrgTx, messages: readonly RemadeMessage[], known: Known): Promise<void> {
	const runs = new Map(known.due.map((one) => [one.row.id, one]));
	const wants = ({ enrollment_id: id }: RemadeMessage) => {
		const target = runs.get(id)?.target;
		return target?.kind === 'email' && target.config.review === true;
	};
	const free = messages.filter((message) => message.held && !wants(message));
	const hold = messages.filter((message) => !message.held && wants(message));
	if (free.length) await letGo(tx, known.due[0]!.row.org_id, free);
	if (hold.length) await holdAll(tx, hold, runs, known);
}

async function letGo(tx: OrgTx, orgId: string, messages: readonly RemadeMessage[]): Promise<void> {
	const actionRuns = sql`${sql.param(messages.map((one) => one.action_run_id))}::uuid[]`;
	await tx.execute(sql`
		with freed as (update messages m set not_before = app.now(), wait_reason = null
			where m.org_id = ${orgId}::uuid and m.id = any(${sql.param(messages.map((one) => one.id))}::uuid[]) returning 1)
		update activities t set status = 'Cancelled', cancelled_at = app.now(), cancelled_by = 'system'
		where t.org_id = ${orgId}::uuid and t.id = any(${actionRuns}) and t.review
			and t.completed_at is null and t.cancelled_at is null and t.deleted_at is null`);
	await enqueue(tx, 'sendMessages', { channel: 'email' }, { key: 'sendMessages:email' });
}

async function holdAll(
	tx: OrgTx,
	messages: readonly RemadeMessage[],
	runs: ReadonlyMap<string, DueRun>,
	{ facts, actorId }: Known
): Promise<void> {
	const orgId = runs.get(messages[0]!.enrollment_id)!.row.org_id;
	const reviewed = await tx.execute<{ id: string }>(sql`
		select id from activities where org_id = ${orgId}::uuid and review and completed_at is not null
			and id = any(${sql.param(messages.map((one) => one.action_run_id))}::uuid[])`);
	const done = new Set(reviewed.map(({ id }) => id));
	const open = messages.filter((one) => !done.has(one.action_run_id));
	if (!open.length) return;
	const due = open.map((one) => runs.get(one.enrollment_id)!);
	facts.turns = await readTurns(tx, due);
	const subjects = await subjectsOf(tx, due);
	const batch = newBatch(await readClock(tx));
	batch.extras = open.map((message, i) => {
		const run = due[i]!;
		const owner = resolveOwner(run, run.target as Parameters<typeof resolveOwner>[1], facts);
		const ownerId = owner.id ?? actorId ?? run.record.ownerId;
		const of = { actionRun: message.action_run_id, action: run.target!.id };
		const activity = makeReview(run.row, subjects.get(run) ?? '', ownerId, of, batch.now);
		return { kind: 'review', org: orgId, messageId: message.id, activity };
	});
	await facts.turns?.save(tx);
	await holdForReview(tx, batch);
}
