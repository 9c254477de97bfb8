import { sql } from 'drizzle-orm';
import type { ResponseKind } from '#lib/domain/cadence/responses.ts';
import {
	skipReasons,
	type Failure,
	type RunEvent,
	type SkipReason
} from '#lib/domain/enrollment/runEvent.ts';
import { newRun, transition } from '#lib/domain/enrollment/transition.ts';
import { endReasons, type EndReason, type RecordedResponse, type Run } from '#lib/domain/enrollment/state.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import { alongIndex } from '../db/alongIndex.ts';
import type { Db, OrgTx } from '../db/client.ts';
import { executePrepared } from '../db/prepared.ts';
import { rowSet } from '../db/rowSet.ts';
import { failpoint } from '../failpoint.ts';
import { loadCadences } from './cadenceContext.ts';
import { enrollmentColumns, runOf, type EnrollmentRow } from './enrollmentRow.ts';
import type { LaneMark } from './passMarks.ts';
import { bisect, isRowFault, quarantine, reasonOf, RowFault, type Poison } from './poison.ts';
import { zoneOr } from './recordFacts.ts';
import { recordActionRuns, recordEffects, recordState, stepOf, type Step } from './recordStep.ts';
import { newBatch, type StepBatch } from './stepBatch.ts';
import { takeInHand } from './takeInHand.ts';
import { writeBatch } from './writeBatch.ts';
import { transitionContext } from './transitionContext.ts';

type ResponseRow = {
	id: string;
	org_id: string;
	enrollment_id: string;
	run_no: number;
	action_id: string;
	kind: ResponseKind;
	parameter: string | null;
	at: number;
	machine: boolean;
	detail: Record<string, unknown> | null;
	actor_id: string | null;
};
type ActionRunFact = {
	enrollment_id: string;
	run_no: number;
	action_id: string;
	seen: string[];
	variant: string | null;
};

/**
 * What the lanes of a process know of the inbox: the last response whose run one of them took. What was applied lies
 * before it, dead until vacuum, as what another lane has in hand. Forgotten on an empty claim, when a pass fails and every
 * second, because a response may be committed late with an earlier number.
 */
export type Inbox = { after: number; since: number };

export const newInbox = (): Inbox => ({ after: 0, since: 0 });

const forgetAfterMs = 1000;
/** Of three times as many responses as a pass takes runs: more than the runs that anybody holds at once. */
const pagesPerClaim = 50;

function forgetInbox(inbox: Inbox): void {
	inbox.after = 0;
	inbox.since = performance.now();
}

/**
 * GRA-7, EXE-9: drains the inbox: for up to `limit` runs, all their waiting responses in order of arrival, with the run's
 * row locked, in one transaction. Duplicates change nothing; late ones are recorded.
 * @returns how many responses were applied
 */
export async function applyResponses(
	db: Db,
	limit = 1000,
	mark?: LaneMark,
	inbox: Inbox = newInbox()
): Promise<number> {
	const options = { limit, mark, inbox };
	try {
		return await pass(db, options, applyToRows);
	} catch (error) {
		if (!isRowFault(error)) throw error;
		return pass(db, options, async (tx, rows) => {
			await bisect(tx, rows, applyToRows, setAside);
			return rows.length;
		});
	}
}

type Zoned = { zone: string | null };
type Row = EnrollmentRow & Zoned & { xid: string; first: number };
type Work = (tx: OrgTx, rows: (EnrollmentRow & Zoned)[]) => Promise<number>;
type Options = { limit: number; mark: LaneMark | undefined; inbox: Inbox };

async function pass(db: Db, options: Options, work: Work): Promise<number> {
	const { mark, inbox } = options;
	try {
		const { applied, suspects } = await db.transaction((tx) => passIn(tx, options, work));
		if (suspects.length) await mark?.absolve(suspects);
		return applied;
	} catch (error) {
		forgetInbox(inbox);
		await mark?.clear();
		throw error;
	}
}

async function passIn(tx: OrgTx, { limit, mark, inbox }: Options, work: Work) {
	if (performance.now() - inbox.since > forgetAfterMs) forgetInbox(inbox);
	await alongIndex(tx);
	let rows = await claim(tx, limit, inbox);
	if (!rows.length && inbox.after) {
		forgetInbox(inbox);
		rows = await claim(tx, limit, inbox);
	}
	failpoint('responses.claimed');
	if (!rows.length) return { applied: 0, suspects: [] };
	const hand = await takeInHand(tx, mark, rows[0]?.xid, rows);
	const applied = hand.rows.length ? await work(tx, hand.rows) : 0;
	if (hand.poison.length) await setAside(tx, hand.poison);
	// What was left lies before the mark.
	if (hand.rows.length < rows.length) forgetInbox(inbox);
	failpoint('responses.written');
	return { applied: applied + hand.poison.length, suspects: hand.suspects };
}

/**
 * What another holds is passed by, since nobody waits for a lock here: a halt of many runs may hold all that are at the
 * head, so the claim reads on behind them until there is one that it can take.
 */
async function claim(tx: OrgTx, limit: number, inbox: Inbox): Promise<Row[]> {
	let after: number | null = inbox.after;
	for (let page = 0; page < pagesPerClaim && after !== null; page++) {
		const { rows, last } = await claimPage(tx, limit, after);
		for (const { first } of rows) if (first > inbox.after) inbox.after = first;
		if (rows.length) return rows;
		after = last;
	}
	return [];
}

/**
 * Locked by one level, so that what is returned is the locked version of the row and not the statement's snapshot of it.
 * More are looked at than taken. Run by run, each by its key, and planned each time: a plan that is kept from when the
 * tables were small reads all runs of the organization for each (1,000 of 40,000: 20 s).
 * @returns `last`: the last response looked at, also when none of their runs was free; null: there are no more
 */
async function claimPage(tx: OrgTx, limit: number, after: number) {
	const found = await tx.execute<(Row | { id: null }) & { last: number | null }>(
		sql`
		with page as materialized (select id, org_id, enrollment_id from responses
			where quarantined_at is null and id > ${after}::int8 order by id limit ${limit * 3}::int)
		select t.*, p.last from (select max(id)::float8 as last from page) p left join (
			select ${enrollmentColumns}, r.time_zone as zone, pg_current_xact_id()::text as xid, w.first
			from (select org_id, enrollment_id, min(id)::float8 as first from page group by 1, 2 order by 3 offset 0) w
			cross join lateral (select * from enrollments where org_id = w.org_id and id = w.enrollment_id
				limit 1 for update skip locked) e
			cross join lateral (select time_zone from records where org_id = e.org_id and id = e.record_id offset 0) r
			order by w.first limit ${limit}::int) t on true`
	);
	return {
		rows: found.filter((row): row is Row & { last: number } => row.id !== null),
		last: found[0]?.last ?? null
	};
}

async function applyToRows(tx: OrgTx, rows: (EnrollmentRow & Zoned)[]): Promise<number> {
	const { responses, now } = await takeResponses(tx, rows);
	failpoint('responses.taken');
	const cadences = await loadCadences(
		tx,
		rows.map((row) => ({ orgId: row.org_id, cadenceId: row.cadence_id }))
	);
	const plans = await loadPlans(
		tx,
		rows.map((row) => ({ orgId: row.org_id, versionId: row.version_id }))
	);
	const known = await readActionRuns(tx, responses);
	const byEnrollment = Map.groupBy(responses, (response) => response.enrollment_id);
	const batch = newBatch(now);
	for (const row of rows) {
		const plan = plans.get(row.version_id);
		if (!plan) throw new RowFault('The version it is pinned to is gone.');
		try {
			const step = stepOf(row, plan, cadences.get(row.cadence_id)!);
			applyToRun(batch, step, row, byEnrollment.get(row.id) ?? [], known);
		} catch (error) {
			// Its responses must stay: halving rolls them back and sets the run aside with them.
			throw new RowFault(reasonOf(error));
		}
	}
	await writeBatch(tx, batch);
	return responses.length;
}

/** Deletes what it reads: the event log keeps it, and a rollback brings it back. */
async function takeResponses(tx: OrgTx, rows: readonly EnrollmentRow[]) {
	const found = await tx.execute<ResponseRow & { now: number }>(
		sql`
		with gone as (
			delete from responses where enrollment_id = any(${`{${rows.map((row) => row.id).join(',')}}`}::uuid[])
				and quarantined_at is null returning *)
		select g.id::text, g.org_id, g.enrollment_id, g.run_no, g.action_id, g.kind, g.parameter, g.machine, g.detail, g.actor_id,
			round(date_part('epoch', g.at) * 1000) as at, round(date_part('epoch', (select app.now())) * 1000) as now
		from gone g order by g.id`
	);
	return { responses: [...found], now: found[0]?.now ?? 0 };
}

const runKey = (row: { enrollment_id: string; run_no: number; action_id: string }) =>
	`${row.enrollment_id}/${row.run_no}/${row.action_id}`;

async function readActionRuns(
	tx: OrgTx,
	responses: readonly ResponseRow[]
): Promise<Map<string, ActionRunFact>> {
	const keys = [...new Map(responses.map((response) => [runKey(response), response])).values()];
	if (!keys.length) return new Map();
	const rows = await executePrepared<ActionRunFact>(
		tx,
		sql`
		select a.enrollment_id, a.run_no, a.action_id, a.variant, to_jsonb(a.seen) as seen
		from ${rowSet(keys, { own: { enrollment_id: 'uuid' }, shared: { org_id: 'uuid', run_no: 'int', action_id: 'text' } }, 'k')}
		join action_runs a on a.org_id = k.org_id and a.enrollment_id = k.enrollment_id and a.run_no = k.run_no
			and a.action_id = k.action_id`
	);
	return new Map(rows.map((row) => [runKey(row), row]));
}

function applyToRun(
	batch: StepBatch,
	step: Step,
	row: EnrollmentRow & Zoned,
	responses: readonly ResponseRow[],
	known: Map<string, ActionRunFact>
): void {
	const before = runOf(row);
	const context = transitionContext(
		batch.now,
		step.plan,
		step.cadence,
		zoneOr(row.zone, step.cadence.orgTimeZone)
	);
	let run: Run = before;
	const earlier = new Map<number, Step>();
	for (const response of responses) {
		const isThisRun = response.run_no === row.run_no;
		const of = isThisRun ? step : earlierStep(earlier, step, response.run_no);
		knowActionRun(of, response.action_id, known.get(runKey(response)));
		// EXE-9: what is of an earlier run is recorded and credited there, nothing else.
		const [next, effects] = transition(
			isThisRun ? run : { ...newRun(response.run_no), status: 'stopped' },
			eventOf(response),
			context
		);
		recordEffects(batch, of, effects, response.actor_id, dataOf(response));
		if (isThisRun) run = next;
	}
	for (const past of earlier.values()) recordActionRuns(batch, past);
	recordState(batch, step, before, run);
}

function earlierStep(earlier: Map<number, Step>, { row, plan, cadence }: Step, runNo: number): Step {
	const known = earlier.get(runNo) ?? stepOf({ ...row, run_no: runNo }, plan, cadence);
	earlier.set(runNo, known);
	return known;
}

function knowActionRun(step: Step, actionId: string, fact: ActionRunFact | undefined): void {
	if (!fact || step.actionRuns.has(actionId)) return;
	step.actionRuns.set(actionId, {
		seen: new Set(fact.seen),
		dirty: false,
		status: null,
		at: null,
		reason: null,
		variant: fact.variant
	});
}

const recordedOf = (row: ResponseRow): RecordedResponse => ({
	response: row.kind,
	actionId: row.action_id,
	at: row.at,
	...(row.parameter !== null && { parameter: row.parameter }),
	...(row.machine && { machine: true })
});

function eventOf(row: ResponseRow): RunEvent {
	const failure = failureOf(row.detail);
	const skipped = skipReasons.find((reason): reason is SkipReason => reason === row.detail?.skipped);
	return {
		kind: 'response',
		response: recordedOf(row),
		...(failure && { failure }),
		...(skipped && { skipped })
	};
}

function failureOf(detail: ResponseRow['detail']): Failure | undefined {
	const reason = endReasons.find((one): one is EndReason => one === detail?.reason);
	return reason && { reason, text: typeof detail?.text === 'string' ? detail.text : null };
}

const dataOf = (row: ResponseRow) => row.detail;

/** A run that cannot take its responses is set aside with them: they wait until somebody looks. */
async function setAside(tx: OrgTx, poison: readonly Poison[]): Promise<void> {
	await quarantine(tx, poison);
	const rows = poison.map(({ row }) => row.id);
	await tx.execute(sql`
		update responses set quarantined_at = app.now()
		where enrollment_id = any(${sql.param(rows)}::uuid[]) and quarantined_at is null`);
}
