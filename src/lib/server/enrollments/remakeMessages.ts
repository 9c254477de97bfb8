import { sql } from 'drizzle-orm';
import { findAction } from '#lib/domain/enrollment/branches.ts';
import { awaitsHandOver } from '#lib/domain/enrollment/race.ts';
import type { Run } from '#lib/domain/enrollment/state.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';
import type { OrgTx } from '../db/client.ts';
import type { CadenceContext } from '../engine/cadenceContext.ts';
import { readChannelFacts } from '../engine/channelFacts.ts';
import type { DueRun } from '../engine/dueRow.ts';
import type { EnrollmentRow } from '../engine/enrollmentRow.ts';
import { makeMessage } from '../engine/makeEffect.ts';
import { readRecords } from '../engine/recordFacts.ts';
import { resolveSender } from '../engine/verdict.ts';
import { releaseQuota } from '../channels/quota.ts';
import { enqueue } from '../jobs.ts';
import { reviewAnew, type RemadeMessage } from './reviewAnew.ts';

/** A run whose current action's message waits, or waited when the run stopped. */
export type WaitingRun = { row: EnrollmentRow; run: Run; plan: Plan; cadence: CadenceContext };

type Remade = {
	org: string;
	enrollment: string;
	run: number;
	action: string;
	template: string | null;
	variant: string | null;
	sender: string | null;
	to: string;
	/** JSON. */
	settings: string;
};

/**
 * VER-4, REE-4: makes waiting messages anew from the settings of the plan their runs go on in: template, sender, address
 * and settings. `from`: those that are queued (a move), or those that were withdrawn, which are queued again (a resume).
 * What a sender has in hand is left alone. Whoever is opted out meanwhile is found out at the hand-over (EXE-2).
 */
export async function remakeMessages(
	tx: OrgTx,
	runs: readonly WaitingRun[],
	from: 'queued' | 'withdrawn',
	actorId: string | null
): Promise<number> {
	const waiting = runs.filter(({ run, plan }) => {
		// What the relay has refused is over: only the refusal's own branch goes on.
		const kind = run.race && awaitsHandOver(run.race) ? findAction(plan, run.race.actionId)?.kind : undefined;
		return kind === 'email' || kind === 'whatsapp';
	});
	if (!waiting.length) return 0;
	const { messages, due, facts } = await makeAll(tx, waiting);
	const change =
		from === 'queued'
			? sql`status = m.status`
			: sql`status = 'queued', queued_at = app.now(), settled_at = null, error_code = null,
				error_text = null, deferred_at = null, crashes = 0, quota_day = null,
				not_before = case when l.review then '9999-12-31T00:00:00Z'::timestamptz else app.now() end,
				wait_reason = case when l.review then 'review' end`;
	const statuses = from === 'queued' ? sql`m.status = 'queued'` : sql`m.status in ('cancelled', 'failed')`;
	const rows = await tx.execute<Row>(sql`
		with r as materialized (select * from jsonb_to_recordset(${JSON.stringify(messages)}::jsonb)
				as r(org uuid, enrollment uuid, run int, action text, template uuid, variant text, sender uuid, "to" text, settings text)),
			locked as (select m.org_id, m.id, m.enrollment_id, m.run_no, m.action_id, m.quota_day,
				-- GRA-8: its review is open again, so it is held again. Asked for by its key alone: with the rest as conditions a
				-- planner without fresh statistics reads all open activities of the organization for each (500: 4 s).
				coalesce((select t.review and t.completed_at is null and t.cancelled_at is null and t.deleted_at is null
					from activities t where t.org_id = m.org_id and t.id = m.action_run_id), false) as review,
				r.template, r.variant, r.sender, r."to", r.settings::jsonb as settings from messages m
				join r on m.org_id = r.org and m.enrollment_id = r.enrollment and m.run_no = r.run and m.action_id = r.action
				where ${statuses} and m.enrollment_id = any(${sql.param(messages.map((one) => one.enrollment))}::uuid[])
				order by m.org_id, m.id for update of m),
			-- REP-1: its events are counted for the variant that it sends.
			requeued as (update action_runs a set variant = l.variant,
					status = case when ${from === 'withdrawn'} then 'queued' else a.status end,
					reason = case when ${from === 'withdrawn'} then null else a.reason end
				from locked l where (${from === 'withdrawn'} or a.variant is distinct from l.variant) and a.org_id = l.org_id and a.enrollment_id = l.enrollment_id
					and a.run_no = l.run_no and a.action_id = l.action_id returning 1)
		update messages m set template_id = l.template, variant = l.variant, sender_id = l.sender, to_address = l."to",
			-- GRA-8: what a person wrote in the review of this message stays.
			settings = l.settings || case when m.settings ? 'edited' then jsonb_build_object('edited', m.settings -> 'edited') else '{}' end,
			${change}
		from locked l where m.org_id = l.org_id and m.id = l.id
		returning m.channel, l.quota_day::text, m.id, m.enrollment_id, m.action_run_id, m.wait_reason is not distinct from 'review' as held`);
	await reviewAnew(tx, rows, { due, facts, actorId });
	if (from === 'queued') return rows.length;
	await releaseQuota(
		tx,
		rows.flatMap(({ quota_day: day }) => (day === null ? [] : [{ orgId: waiting[0]!.row.org_id, day }]))
	);
	for (const channel of new Set(rows.map((row) => row.channel)))
		await enqueue(tx, 'sendMessages', { channel }, { key: `sendMessages:${channel}` });
	return rows.length;
}

type Row = RemadeMessage & { channel: 'email' | 'whatsapp'; quota_day: string | null };

async function makeAll(tx: OrgTx, waiting: readonly WaitingRun[]) {
	const checked = await readRecords(
		tx,
		waiting.map(({ row, cadence }) => ({ orgId: row.org_id, recordId: row.record_id, cadence }))
	);
	const due = waiting.flatMap((one, i): DueRun[] => {
		const record = checked[i]?.facts;
		const target = findAction(one.plan, one.run.race!.actionId);
		return record && target ? [{ ...one, target, choices: {}, record, texts: null }] : [];
	});
	const facts = await readChannelFacts(tx, due);
	const messages = due.flatMap((one): Remade[] => {
		const { target, row, plan } = one;
		if (target?.kind !== 'email' && target?.kind !== 'whatsapp') return [];
		// Without a usable address, sender or template it fails at the hand-over, with the reason and the remedy.
		const address = facts.recipients.get(one)?.address ?? '';
		const senderId = target.kind === 'email' ? (resolveSender(one, target, facts)?.id ?? null) : null;
		const made = makeMessage(row, target, { address, senderId }, plan, '');
		const { template, variant, sender, to, settings } = made;
		const { org_id: org, id: enrollment, run_no: run } = row;
		return [{ org, enrollment, run, action: target.id, template, variant, sender, to, settings }];
	});
	return { messages, due, facts };
}
