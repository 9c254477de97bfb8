import type postgres from 'postgres';
import type { SinkEntry } from '../../support/sinkLog.ts';

/** RELIABILITY.md 5, I1-I9: how often each is broken. */
export type Invariants = Record<`I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`, number>;

type SinkMail = Extract<SinkEntry, { event: 'mail' }>;

/** Rounding of instants between the sink's clock (ms) and the database's (us) on one machine. */
const ROUNDING_MS = 2;

type Reference = readonly [table: string, column: string, parent: string];

/** What the engine's tables point to, with a foreign key or (for the sake of speed) without one. */
const references: readonly Reference[] = [
	['enrollments', 'cadence_id', 'cadences'],
	['enrollments', 'version_id', 'cadence_versions'],
	['enrollments', 'record_id', 'records'],
	['action_runs', 'enrollment_id', 'enrollments'],
	['responses', 'enrollment_id', 'enrollments'],
	...['messages', 'webhook_calls', 'activities'].flatMap((table): Reference[] => [
		[table, 'action_run_id', 'action_runs'],
		[table, 'enrollment_id', 'enrollments'],
		[table, 'record_id', 'records']
	]),
	['messages', 'cadence_id', 'cadences'],
	['webhook_calls', 'cadence_id', 'cadences'],
	['events', 'enrollment_id', 'enrollments'],
	['events', 'version_id', 'cadence_versions'],
	['events', 'cadence_id', 'cadences'],
	['events', 'record_id', 'records']
];

export async function checkInvariants(
	sql: postgres.Sql,
	orgId: string,
	mails: readonly SinkMail[]
): Promise<Invariants> {
	const count = async (query: postgres.PendingQuery<{ n: number }[]>) => (await query)[0]!.n;
	const sink = JSON.stringify(mails.map(({ messageId, beganAt }) => ({ rfc: messageId, beganAt })));
	/** Rows whose parent is not there. */
	const strays = ([table, column, parent]: Reference) => sql`
		(select count(*) from ${sql(table)} x where x.org_id = ${orgId} and x.${sql(column)} is not null and not exists (
			select 1 from ${sql(parent)} p where p.org_id = x.org_id and p.id = x.${sql(column)}))`;
	const atSink = sql`jsonb_to_recordset(${sink}::text::jsonb) as s(rfc text, "beganAt" float8)`;
	return {
		// One live enrollment per cadence and record.
		I1: await count(sql`
			select count(*)::int as n from (
				select 1 from enrollments where org_id = ${orgId} and status in ('active', 'paused')
				group by cadence_id, record_id having count(*) > 1) x`),
		// At most one effect per action run, and one action run per action of a run.
		I2: await count(sql`
			select count(*)::int as n from (
				select 1 from (
					select action_run_id from messages where org_id = ${orgId}
					union all select action_run_id from webhook_calls where org_id = ${orgId}
					-- GRA-8: the review of an e-mail is no effect of its own.
					union all select action_run_id from activities
						where org_id = ${orgId} and action_run_id is not null and not review) x
				group by action_run_id having count(*) > 1
				union all
				select 1 from action_runs where org_id = ${orgId}
				group by enrollment_id, run_no, action_id having count(*) > 1) y`),
		// Everything sent is at the sink.
		I3: await count(sql`
			select count(*)::int as n from messages m where m.org_id = ${orgId} and m.status = 'sent' and m.channel = 'email'
				and not exists (select 1 from ${atSink} where s.rfc = m.rfc_message_id)`),
		// Nothing at the sink that the database does not know as handed over.
		I4: await count(sql`
			select count(*)::int as n from ${atSink}
			left join messages m on m.org_id = ${orgId} and m.rfc_message_id = s.rfc and m.status in ('sent', 'unknown')
			where m.id is null`),
		// sent + failed + unknown + cancelled = created; of webhooks done + failed + cancelled.
		I5: await count(sql`
			select (select count(*) from messages
				where org_id = ${orgId} and status not in ('sent', 'failed', 'unknown', 'cancelled'))::int
			+ (select count(*) from webhook_calls
				where org_id = ${orgId} and status not in ('done', 'failed', 'cancelled'))::int as n`),
		// No effect after its run ended: no mail begun, no activity or action made.
		I6: await count(sql`
			select (select count(*) from ${atSink}
				join messages m on m.org_id = ${orgId} and m.rfc_message_id = s.rfc
				join enrollments e on e.org_id = m.org_id and e.id = m.enrollment_id and e.run_no = m.run_no
				where s."beganAt" > extract(epoch from e.ended_at) * 1000 + ${ROUNDING_MS})::int
			+ (select count(*) from activities a
				join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id and e.run_no = a.run_no
				where a.org_id = ${orgId} and a.created_at > e.ended_at + make_interval(secs => ${ROUNDING_MS / 1000}))::int
			+ (select count(*) from action_runs a
				join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id and e.run_no = a.run_no
				where a.org_id = ${orgId} and a.started_at > e.ended_at + make_interval(secs => ${ROUNDING_MS / 1000}))::int as n`),
		// Nobody holds a message or a webhook without a lease.
		I7: await count(sql`
			select (select count(*) from messages
				where org_id = ${orgId} and status in ('claimed', 'sending') and (lease_until is null or claim is null))::int
			+ (select count(*) from webhook_calls
				where org_id = ${orgId} and status = 'claimed' and (lease_until is null or claim is null))::int as n`),
		// Where a run stands and what comes next are nodes of its pinned plan; what it did is of that or, since a run may be
		// moved to a version that a step has left (VER-4), of an earlier version.
		I8: await count(sql`
			select count(*)::int as n from enrollments e
			join cadence_versions v on v.org_id = e.org_id and v.id = e.version_id
			where e.org_id = ${orgId} and (
				not (v.plan -> 'nodes') ?& array_remove(array[e.current_action_id, e.next_action_id], null)
				or (not (v.plan -> 'nodes') ?& array(select jsonb_array_elements_text(e.done))
					and exists (select 1 from jsonb_array_elements_text(e.done) d where not exists (
						select 1 from cadence_versions w where w.org_id = e.org_id and w.cadence_id = e.cadence_id
							and w.n <= v.n and w.plan -> 'nodes' ? d))))`),
		// Whatever is pointed to is there, in the same organization, and what is pointed to by two ways is the same.
		I9: await count(sql`
			select (${references.map(strays).reduce((all, one) => sql`${all} + ${one}`)}
			+ (select count(*) from enrollments e join cadence_versions v on v.org_id = e.org_id and v.id = e.version_id
				where e.org_id = ${orgId} and v.cadence_id <> e.cadence_id)
			+ (select count(*) from (
					select org_id, action_run_id, enrollment_id, run_no, action_id from messages
					union all select org_id, action_run_id, enrollment_id, run_no, action_id from webhook_calls
					union all select org_id, action_run_id, enrollment_id, run_no, action_id from activities) x
				join action_runs a on a.org_id = x.org_id and a.id = x.action_run_id
				where x.org_id = ${orgId}
					and (x.enrollment_id, x.run_no, x.action_id) is distinct from (a.enrollment_id, a.run_no, a.action_id))
			+ (select count(*) from (
					select org_id, enrollment_id, cadence_id from messages
					union all select org_id, enrollment_id, cadence_id from webhook_calls
					union all select org_id, enrollment_id, cadence_id from events) x
				join enrollments e on e.org_id = x.org_id and e.id = x.enrollment_id
				where x.org_id = ${orgId} and x.cadence_id <> e.cadence_id)
			+ (select count(*) from events v join enrollments e on e.org_id = v.org_id and e.id = v.enrollment_id
				where v.org_id = ${orgId} and v.record_id <> e.record_id))::int as n`)
	};
}
