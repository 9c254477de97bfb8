import { sql } from 'drizzle-orm';
import type { TestDatabase } from '../../support/clone.ts';
import type { Scenario } from './scenario.ts';

/**
 * Everything an organization's cadences left behind, record by record, without ids and times. A doubtful message counts
 * as sent (EXE-10) and is told apart by `countDoubtful`.
 */
export async function historyOf(
	db: TestDatabase,
	{ actor: { orgId }, cadences }: Scenario
): Promise<string[]> {
	const runs = sql`enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id`;
	const which = sql`case e.cadence_id when ${cadences.manual} then 'manual' when ${cadences.view} then 'view' else 'published' end
		|| ' ' || r.name || ' #' || e.run_no || ' '`;
	const rows = await db.admin.execute<{ what: string; n: number }>(sql`
		select ${which} || concat_ws(' ', 'run', e.status, e.end_reason, e.done::text, e.quarantine_reason,
			case when e.enrolled_by is null then 'view' else 'person' end) as what, count(*)::int as n
			from ${runs} where e.org_id = ${orgId} group by 1
		union all select ${which} || concat_ws(' ', 'event', v.kind, v.action_id, v.detail, v.first, v.late, v.machine, v.follow_up), count(*)::int
			from events v join ${runs} on e.org_id = v.org_id and e.id = v.enrollment_id where v.org_id = ${orgId} group by 1
		union all select ${which} || concat_ws(' ', 'action', a.action_id, a.kind, a.status, a.reason,
			(select array_agg(x order by x) from unnest(a.seen) as x)::text), count(*)::int
			from action_runs a join ${runs} on e.org_id = a.org_id and e.id = a.enrollment_id where a.org_id = ${orgId} group by 1
		union all select ${which} || concat_ws(' ', 'activity', t.action_id, t.kind, t.status, t.subject, t.cancelled_by), count(*)::int
			from activities t join ${runs} on e.org_id = t.org_id and e.id = t.enrollment_id where t.org_id = ${orgId} group by 1
		union all select ${which} || concat_ws(' ', 'message', m.action_id, m.channel, case m.status when 'unknown' then 'sent' else m.status end,
			m.to_address, m.replied_at is not null), count(*)::int
			from messages m join ${runs} on e.org_id = m.org_id and e.id = m.enrollment_id where m.org_id = ${orgId} group by 1
		union all select ${which} || concat_ws(' ', 'call', w.action_id, w.status, w.http_status), count(*)::int
			from webhook_calls w join ${runs} on e.org_id = w.org_id and e.id = w.enrollment_id where w.org_id = ${orgId} group by 1
		union all select concat_ws(' ', 'count', kind, action_id, detail, first, machine), sum(count)::int
			from (select kind, action_id, detail, first, machine, count from report_deltas where org_id = ${orgId}
				union all select kind, action_id, detail, first, machine, count from report_counts where org_id = ${orgId}) x group by 1
		union all select concat_ws(' ', 'inbound', kind, channel), count(*)::int from inbound_messages where org_id = ${orgId} group by 1
		union all select 'mails of the day', used from email_quotas where org_id = ${orgId}
		union all select concat_ws(' ', 'background', status, processed, result::text), count(*)::int
			from background_tasks where org_id = ${orgId} group by 1
		union all select concat_ws(' ', 'cadence', c.state, (select max(v.n) from cadence_versions v where v.org_id = c.org_id and v.cadence_id = c.id)), count(*)::int
			from cadences c where c.org_id = ${orgId} group by 1
		union all select 'waiting', (select count(*) from responses where org_id = ${orgId})::int
			+ (select count(*) from record_changes where org_id = ${orgId})::int
		order by 1`);
	return rows.map(({ what, n }) => `${what}: ${n}`.replaceAll(orgId, 'org'));
}

export async function countDoubtful(db: TestDatabase, { actor: { orgId } }: Scenario): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(sql`
		select count(*)::int as n from messages where org_id = ${orgId} and (status = 'unknown' or resolution is not null)`);
	return row!.n;
}
