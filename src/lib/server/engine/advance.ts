import { transition } from '#lib/domain/enrollment/transition.ts';
import type { Run } from '#lib/domain/enrollment/state.ts';
import type { Plan, PlanNode } from '#lib/domain/plan/plan.ts';
import type { Db, OrgTx } from '../db/client.ts';
import { endRuns, type Ending } from '../enrollments/endRuns.ts';
import { failpoint } from '../failpoint.ts';
import { loadCadences, type CadenceContext } from './cadenceContext.ts';
import { loadPlans } from '../channels/loadPlans.ts';
import { readChannelFacts } from './channelFacts.ts';
import { claimDue, forget, type Lane } from './claimDue.ts';
import { decideConditions, type Undecided } from './decideConditions.ts';
import { firstNodeOf, type DueRun } from './dueRow.ts';
import { runOf, type EnrollmentRow } from './enrollmentRow.ts';
import { fillTexts } from './fillTexts.ts';
import { bisect, isRowFault, quarantine, reasonOf, type Poison } from './poison.ts';
import { performExtras } from './performExtras.ts';
import { prepareExtras } from './prepareExtras.ts';
import { readRecords } from './recordFacts.ts';
import { recordEffects, recordState, stepOf } from './recordStep.ts';
import { newBatch } from './stepBatch.ts';
import { takeInHand } from './takeInHand.ts';
import { prepareAction } from './verdict.ts';
import { writeApart } from './writeApart.ts';
import { transitionContext } from './transitionContext.ts';

export type Pass = {
	/** Runs that were taken in hand. */
	claimed: number;
	/** Due rows exist that others hold, or that wait for their responses: look again soon. */
	blocked: boolean;
};

/**
 * EXE-1, EXE-2, UNE-5, GRA-7: one pass: claims due runs of many cadences and moves each by one action, in one READ
 * COMMITTED transaction and a fixed number of statements (RELIABILITY.md 2.2, PERFORMANCE.md 7). Un-enrollment is
 * checked first. Any number of lanes and processes may run it at once. A batch that the database refuses is repeated
 * in halves until the poison row is alone, which is set aside with its reason.
 */
export async function advance(db: Db, lane: Lane): Promise<Pass> {
	try {
		return await pass(db, lane, (tx, rows, now) => advanceRows(tx, rows, now));
	} catch (error) {
		if (!isRowFault(error)) throw error;
		return pass(db, lane, (tx, rows, now) =>
			bisect(tx, rows, (part, half) => advanceRows(part, half, now), quarantine)
		);
	}
}

type Work = (tx: OrgTx, rows: EnrollmentRow[], now: number) => Promise<void>;

async function pass(db: Db, lane: Lane, work: Work): Promise<Pass> {
	try {
		const { suspects, ...result } = await db.transaction((tx) => passIn(tx, lane, work), {
			isolationLevel: 'read committed'
		});
		if (suspects.length) await lane.mark?.absolve(suspects);
		return result;
	} catch (error) {
		// Its rows are due again, behind the low mark.
		forget(lane);
		await lane.mark?.clear();
		throw error;
	}
}

async function passIn(tx: OrgTx, lane: Lane, work: Work): Promise<Pass & { suspects: string[] }> {
	const { rows, now, found, xid } = await claimDue(tx, lane);
	failpoint('advance.claimed');
	if (!rows.length) return { claimed: 0, blocked: found, suspects: [] };
	const hand = await takeInHand(tx, lane.mark, xid, rows);
	if (hand.rows.length) await work(tx, hand.rows, now);
	await quarantine(tx, hand.poison);
	// What was left lies before the low mark.
	if (hand.rows.length < rows.length) forget(lane);
	failpoint('advance.written');
	const claimed = hand.rows.length + hand.poison.length;
	return { claimed, blocked: claimed === 0, suspects: hand.suspects };
}

async function advanceRows(tx: OrgTx, rows: EnrollmentRow[], now: number): Promise<void> {
	const cadences = await loadCadences(
		tx,
		rows.map((row) => ({ orgId: row.org_id, cadenceId: row.cadence_id }))
	);
	const poison: Poison[] = [];
	const due = await checkRuns(tx, rows, cadences, poison);
	failpoint('advance.checked');
	const facts = await readChannelFacts(tx, due);
	await fillTexts(tx, due);
	const extras = await prepareExtras(tx, due, facts, now);
	const batch = newBatch(now);
	for (const run of extras?.ready ?? due) {
		try {
			const prepared = extras?.prepared.get(run) ?? prepareAction(run, facts, extras?.subjects.get(run));
			const [after, effects] = transition(
				run.run,
				{ kind: 'due', verdict: prepared.verdict, choices: run.choices },
				transitionContext(now, run.plan, run.cadence, run.record.timeZone)
			);
			const step = stepOf(run.row, run.plan, run.cadence, { run, prepared });
			recordEffects(batch, step, effects, null, null);
			recordState(batch, step, run.run, after);
		} catch (error) {
			poison.push({ row: run.row, reason: reasonOf(error) });
		}
	}
	failpoint('advance.moved');
	if (extras || batch.extras) await performExtras(tx, batch, facts);
	await writeApart(
		tx,
		batch,
		due.map((run) => run.row)
	);
	await quarantine(tx, poison);
}

/** UNE-5: un-enrollment is looked at first, on fresh data, and wins; what is left goes on. */
async function checkRuns(
	tx: OrgTx,
	rows: EnrollmentRow[],
	cadences: Map<string, CadenceContext>,
	poison: Poison[]
): Promise<DueRun[]> {
	const plans = await loadPlans(
		tx,
		rows.map((row) => ({ orgId: row.org_id, versionId: row.version_id }))
	);
	const begun = rows.map((row) => begin(row, plans.get(row.version_id)));
	const runs = rows.map((row, i) => ({
		orgId: row.org_id,
		recordId: row.record_id,
		cadence: cadences.get(row.cadence_id)!,
		withData: readsFields(begun[i]!)
	}));
	const checked = await readRecords(tx, runs);
	const endings: Ending[] = [];
	const due: DueRun[] = [];
	const undecided: Undecided[] = [];
	for (const [i, row] of rows.entries()) {
		const record = checked[i];
		if (!record || record.leave) {
			const reason = record?.leave ?? 'record_deleted';
			endings.push({ orgId: row.org_id, enrollmentId: row.id, reason });
			continue;
		}
		const start = begun[i]!;
		if ('fault' in start) {
			poison.push({ row, reason: start.fault });
			continue;
		}
		const { run, plan, first } = start;
		const cadence = cadences.get(row.cadence_id)!;
		const target = first?.kind === 'condition' ? null : first;
		const one = { row, run, plan, cadence, target, choices: {}, record: record.facts, texts: null };
		due.push(one);
		if (first?.kind === 'condition') undecided.push({ run: one, first });
	}
	const unable = undecided.length ? await decideConditions(tx, undecided, poison) : null;
	if (unable) endings.push(...unable.values());
	await endRuns(tx, endings);
	return unable?.size ? due.filter((run) => !unable.has(run)) : due;
}

type Begun = { run: Run; plan: Plan; first: PlanNode | null } | { fault: string };

/** Where a run stands; what is wrong with it counts only if it does not leave (UNE-5). */
function begin(row: EnrollmentRow, plan: Plan | undefined): Begun {
	try {
		if (!plan) throw new Error('The version it is pinned to is gone.');
		const run = runOf(row);
		return { run, plan, first: firstNodeOf(run, plan) };
	} catch (error) {
		return { fault: reasonOf(error) };
	}
}

/** A task takes its texts by merge fields, which read for themselves. */
const readsFields = (begun: Begun): boolean =>
	'first' in begun && begun.first !== null && begun.first.kind !== 'task' && begun.first.kind !== 'exit';
