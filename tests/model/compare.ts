import { sql } from 'drizzle-orm';
import type { TestDatabase } from '../support/clone.ts';
import type { Double } from './double.ts';
import type { Facts } from './journeys.ts';
import { isLive, type Life } from './life.ts';
import { nextOf } from './race.ts';
import { nameOf, type Seat } from './world.ts';

type Stored = {
	cadence_id: string;
	id: string;
	run_no: number;
	status: string;
	end_reason: string | null;
	current_action_id: string | null;
	next_branch_id: string | null;
	due_at: number | null;
	ended_at: number | null;
	pause_causes: string[];
	done: string[];
	quarantine_reason: string | null;
	messages: string[];
	variants: string[];
	record: string;
	owner: string;
	activities: string[];
	elsewhere: string[];
};

/** By set and not by row: after a truncate the planner would read whole tables for each. */
export async function readRuns(db: TestDatabase, seats: readonly Seat[]): Promise<Map<string, Stored>> {
	const ids = seats.map(({ cadenceId }) => cadenceId);
	const rows = await db.admin.execute<Stored>(sql`
		with letters as (
			select m.enrollment_id, jsonb_agg(m.run_no || ' ' || m.action_id || ' ' || m.status) as messages,
				jsonb_agg(m.run_no || ' ' || m.action_id || ' ' || m.variant) filter (where m.variant is not null) as variants
			from (select run_no, action_id, status, variant, enrollment_id from messages union all
				select run_no, action_id, case status when 'done' then 'sent' else status end, null, enrollment_id
				from webhook_calls) m group by 1
		), work as (
			select t.enrollment_id, jsonb_agg(t.run_no || ' ' || t.action_id || ' ' || t.kind || ' ' || case
				when t.deleted_at is not null then 'deleted' when t.cancelled_by = 'system' then 'withdrawn'
				when t.completed_at is not null or t.cancelled_at is not null then 'done' else 'open' end
				|| ' @' || round(extract(epoch from t.due_at) * 1000) || ' ' || t.owner_id) as activities
			from activities t group by 1
		), others as (
			select o.record_id, jsonb_agg(o.cadence_id || ' ' || o.status || ' ' || coalesce(o.end_reason, '-')) as elsewhere
			from enrollments o where not o.cadence_id = any(${sql.param(ids)}::uuid[]) group by 1
		)
		select e.cadence_id, e.id, e.run_no, e.status, e.end_reason, e.current_action_id, e.next_branch_id, e.pause_causes, e.done,
			e.quarantine_reason, round(extract(epoch from e.due_at) * 1000)::float8 as due_at,
			round(extract(epoch from e.ended_at) * 1000)::float8 as ended_at,
			concat_ws(' ', r.data ->> 'leadStatus', r.data ->> 'leadSource', coalesce(r.data ->> 'rating', '-'),
				coalesce(r.data ->> 'employees', '-'), coalesce(nullif(r.data ->> 'phone', ''), '-'),
				array_to_string(r.tags, '+')) as record, r.owner_id as owner,
			coalesce(l.messages, '[]') as messages, coalesce(l.variants, '[]') as variants,
			coalesce(w.activities, '[]') as activities, coalesce(o.elsewhere, '[]') as elsewhere
		from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
		left join letters l on l.enrollment_id = e.id left join work w on w.enrollment_id = e.id
		left join others o on o.record_id = e.record_id
		where e.cadence_id = any(${sql.param(ids)}::uuid[])`);
	return new Map(rows.map((row) => [row.cadence_id, row]));
}

/** New lines of the log since the last look, by cadence. */
export async function readLog(
	db: TestDatabase,
	after: number
): Promise<{ last: number; lines: Map<string, string[]> }> {
	const rows = await db.admin.execute<{ id: number; cadence_id: string; line: string }>(sql`
		select id::float8 as id, cadence_id, run_no || ' ' || kind || ' '
			|| case when kind in ('completed', 'unenrolled', 'failed') then '-' else coalesce(action_id, '-') end || ' '
			|| coalesce(detail, data ->> 'outcome', '-') || case when late then ' late' else '' end || case when machine then ' machine' else '' end
			|| ' @' || round(extract(epoch from at) * 1000) as line
		from events where id > ${after} order by id`);
	const lines = new Map<string, string[]>();
	for (const { cadence_id, line } of rows) {
		const known = lines.get(cadence_id);
		if (known) known.push(line);
		else lines.set(cadence_id, [line]);
	}
	return { last: rows.at(-1)?.id ?? after, lines };
}

/** What is not as the model says; null: all is. */
export function differenceOf(
	life: Life,
	stored: Stored | undefined,
	log: { product: string[]; model: string[] },
	now: number,
	seat: Seat
): string | null {
	const { run } = life;
	if (!run || !stored) return run || stored ? `enrolled: product ${!!stored}, model ${!!run}` : null;
	const next = isLive(run) ? nextOf(run) : null;
	const pairs: Pair[] = [
		['set aside', stored.quarantine_reason, null],
		['run', stored.run_no, run.no],
		['status', stored.status, run.status],
		['reason', stored.end_reason, run.reason],
		['current action', stored.current_action_id, run.race?.actionId ?? null],
		['next branch', stored.next_branch_id, next?.branchId ?? null],
		// What is overdue is kept as due since it was written.
		['due', dueText(stored.due_at, now), dueText(next?.due ?? null, now)],
		['ended', stored.ended_at, run.endedAt],
		['paused by', stored.pause_causes.toSorted().join(), [...run.pausedBy].toSorted().join()],
		['done', stored.done.join(), run.done.join()],
		[
			'messages',
			list(stored.messages),
			list(life.messages.map((m) => `${m.runNo} ${m.actionId} ${m.status}`))
		],
		[
			'activities',
			list(stored.activities.map(named(seat))),
			list(life.activities.map((t) => `${t.runNo} ${t.actionId} ${t.kind} ${t.state} @${t.due} ${t.owner}`))
		],
		['elsewhere', list(stored.elsewhere.map(named(seat))), list(elsewhereOf(life))],
		['record', stored.record, recordText(life.facts)],
		['owner', nameOf(seat, stored.owner), life.facts.owner],
		['variants', variantsOf(life, stored), 'kept'],
		['log', list(log.product), list(log.model)]
	];
	return wordsOf(pairs, 'model');
}

/** VER-7: where the simulator stands otherwise than the engine. */
export function differenceOfDouble(
	{ simulation, gone }: Double,
	stored: Stored | undefined,
	now: number
): string | null {
	if (gone) return null;
	if (!simulation || !stored) return simulation || stored ? 'the simulator enrolled otherwise' : null;
	const { run } = simulation;
	return wordsOf(
		[
			['run', stored.run_no, run.runNo],
			['status', stored.status, run.status],
			['reason', stored.end_reason, run.endReason],
			['current action', stored.current_action_id, run.race?.actionId ?? null],
			['next branch', stored.next_branch_id, run.next?.branchId ?? null],
			['due', dueText(stored.due_at, now), dueText(run.next?.dueAt ?? null, now)],
			['ended', stored.ended_at, run.endedAt],
			['paused by', stored.pause_causes.toSorted().join(), run.pauseCauses.toSorted().join()],
			['done', stored.done.join(), run.done.join()]
		],
		'simulator'
	);
}

const recordText = ({ status, source, rating, employees, phone, tags }: Facts): string =>
	[status, source, rating ?? '-', employees ?? '-', phone || '-', tags.join('+')].join(' ');

/** GRA-8: one of its variants was chosen, and stays. */
function variantsOf(life: Life, { variants }: Stored): string {
	for (const line of variants) {
		const [runNo, actionId, variant] = line.split(' ') as [string, string, string];
		const key = `${runNo} ${actionId}`;
		const known = life.variants.get(key) ?? variant;
		life.variants.set(key, known);
		if (known !== variant || !['a', 'b'].includes(variant)) return line;
	}
	return 'kept';
}

/** Names in place of ids. */
const named = (seat: Seat) => (line: string) =>
	line
		.split(' ')
		.map((word) => nameOf(seat, word))
		.join(' ');

const elsewhereOf = ({ elsewhere }: Life) =>
	[...elsewhere].flatMap(([name, { run }]) => (run ? `${name} ${run.status} ${run.reason ?? '-'}` : []));

type Pair = [what: string, product: unknown, other: unknown];

function wordsOf(pairs: readonly Pair[], who: string): string | null {
	const wrong = pairs.filter(([, product, other]) => product !== other);
	if (!wrong.length) return null;
	return wrong
		.map(([what, product, other]) => `${what}: product ${text(product)}, ${who} ${text(other)}`)
		.join('\n');
}

const list = (lines: readonly string[]) => lines.toSorted().join('; ');
const dueText = (due: number | null, now: number) => (due === null ? null : due <= now ? 'now' : due);
const text = (value: unknown) =>
	typeof value === 'number' && value > 1e12 ? new Date(value).toISOString() : String(value);

/** The product gives a new run its id; responses and commands name it. */
export function noteIds(seats: readonly Seat[], stored: Map<string, Stored>): void {
	for (const seat of seats) seat.enrollmentId = stored.get(seat.cadenceId)?.id ?? null;
}
