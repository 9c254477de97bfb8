import { parse } from 'csv-parse/sync';
import type postgres from 'postgres';

type Row = {
	Level: string;
	'Follow-up': string;
	Channel: string;
	Action: string;
	Figure: string;
	Value: string;
	Runs: string;
};

const keyOf = (...parts: string[]) => parts.filter(Boolean).join(' / ');

/** The report's own download: "4 / Call / Executed" -> runs. */
export function figuresOf(csv: string): Map<string, number> {
	const rows: Row[] = parse(csv, { columns: true, bom: true });
	return new Map(
		rows.map((row) => [
			keyOf(row['Follow-up'], row.Channel, row.Action, row.Figure, row.Value),
			Number(row.Runs)
		])
	);
}

const channelNames: Record<string, string> = {
	email: 'E-mail',
	call: 'Call',
	task: 'Task',
	whatsapp: 'WhatsApp'
};
const figureNames: Record<string, string> = {
	executed: 'Executed',
	skipped: 'Skipped',
	sent: 'Sent',
	delivered: 'Delivered',
	read: 'Read',
	opened: 'Opened',
	clicked: 'Clicked',
	replied: 'Replied',
	overdue: 'Overdue'
};

/** The same numbers by plain counts over the event log: runs with at least one such event by a person. */
export async function countLog(sql: postgres.Sql, cadenceId: string): Promise<Record<string, number>> {
	const counted: Record<string, number> = {};
	const actions = await sql<
		{ kind: string; node: string; title: string; depth: number; n: number; name: string }[]
	>`
		select e.kind, v.plan->'nodes'->e.action_id->>'kind' as node, v.plan->'nodes'->e.action_id->>'title' as title,
			(v.plan->'nodes'->e.action_id->>'followUp')::int as depth, e.action_id as name,
			count(distinct (e.enrollment_id, e.run_no))::int as n
		from events e join cadence_versions v on v.id = e.version_id
		where e.cadence_id = ${cadenceId} and not e.machine and e.kind in ${sql(Object.keys(figureNames))}
			and v.plan->'nodes'->e.action_id->>'kind' <> 'exit'
		group by 1, 2, 3, 4, 5`;
	for (const { kind, node, title, depth, n } of actions)
		counted[keyOf(String(depth), channelNames[node] ?? node, title, figureNames[kind] ?? kind)] = n;
	const ends = await sql<{ kind: string; detail: string; n: number }[]>`
		select kind, detail, count(distinct (enrollment_id, run_no))::int as n from events
		where cadence_id = ${cadenceId} and kind in ('unenrolled', 'failed') group by 1, 2`;
	for (const { kind, detail, n } of ends)
		counted[keyOf(kind === 'failed' ? 'Failed' : 'Un-enrolled', detail)] = n;
	const [run] = await sql<{ enrolled: number; completed: number }[]>`
		select count(*) filter (where kind = 'enrolled')::int as enrolled,
			count(*) filter (where kind = 'completed')::int as completed
		from events where cadence_id = ${cadenceId}`;
	counted.Enrolled = run?.enrolled ?? 0;
	counted.Completed = run?.completed ?? 0;
	const reached = await sql<{ depth: number; n: number }[]>`
		with deepest as (select enrollment_id, run_no, max(follow_up) as depth from events
			where cadence_id = ${cadenceId} and kind in ('executed', 'skipped') group by 1, 2)
		select d.depth, count(*)::int as n from generate_series(1, (select max(depth) from deepest)) d(depth)
		join deepest on deepest.depth >= d.depth group by 1`;
	for (const { depth, n } of reached) counted[keyOf('Reached', `Follow-up ${depth}`)] = n;
	return counted;
}
