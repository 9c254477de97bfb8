import { assertNever } from '#lib/domain/errors.ts';
import { isHandedOver, openingResponse } from '#lib/domain/cadence/responses.ts';
import { eventKindOf, firstKey, type EventKind } from '#lib/domain/enrollment/events.ts';
import type { Effect } from '#lib/domain/enrollment/runEvent.ts';
import { getBranch } from '#lib/domain/enrollment/branches.ts';
import { noResponseId } from '#lib/domain/enrollment/race.ts';
import { isLive, type Run } from '#lib/domain/enrollment/state.ts';
import type { Plan, PlanAction } from '#lib/domain/plan/plan.ts';
import { newId } from '../db/id.ts';
import { arrayText } from '../db/rowSet.ts';
import type { CadenceContext } from './cadenceContext.ts';
import type { DueRun } from './dueRow.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';
import { produce } from './produce.ts';
import { addEvent, iso, type ActionRunChange, type ActionRunRow, type StepBatch } from './stepBatch.ts';
import { variantOf } from './variant.ts';
import type { Prepared } from './verdict.ts';

/** One enrollment's part of a batch: the effects of its events and the state it ends in. */
export type Step = {
	row: EnrollmentRow;
	plan: Plan;
	cadence: CadenceContext;
	followUp: number;
	lastResponse: string | null;
	lastResponseAt: string | null;
	/** For due actions: facts and the record they were formed on. */
	due: { run: DueRun; prepared: Prepared } | null;
	/** action_run by action id, for responses: what it had already (`seen`), and whether this batch changed it. */
	actionRuns: Map<string, KnownActionRun>;
};
type KnownActionRun = {
	seen: Set<string>;
	dirty: boolean;
	status: ActionRunChange['status'];
	at: number | null;
	reason: string | null;
	/** GRA-8: of an A/B test. */
	variant?: string | null;
};

export const stepOf = (
	row: EnrollmentRow,
	plan: Plan,
	cadence: CadenceContext,
	due: Step['due'] = null
): Step => ({
	row,
	plan,
	cadence,
	followUp: row.follow_up,
	lastResponse: null,
	lastResponseAt: null,
	due,
	actionRuns: new Map()
});

/** Turns effects into rows. */
export function recordEffects(
	batch: StepBatch,
	step: Step,
	effects: readonly Effect[],
	actorId: string | null,
	data: EventData
): void {
	for (const effect of effects) recordEffect(batch, step, effect, actorId, data);
}

export type EventData = Record<string, unknown> | null;

function recordEffect(
	batch: StepBatch,
	step: Step,
	effect: Effect,
	actorId: string | null,
	data: EventData
): void {
	switch (effect.kind) {
		case 'execute':
			return execute(batch, step, effect.action);
		case 'skip':
			addActionRun(batch, step, effect.action, 'skipped', effect.reason, [
				keyOf(effect.action.id, 'skipped', effect.reason, false)
			]);
			return reached(batch, step, 'skipped', effect.action, batch.now, effect.reason);
		case 'refuse':
			addActionRun(batch, step, effect.action, 'failed', effect.reason, []);
			return;
		case 'exit':
			addActionRun(batch, step, effect.exit, 'executed', null, []);
			return;
		case 'decided':
			return addEvent(batch, step.row, step.cadence.orgTimeZone, {
				kind: 'decided',
				actionId: effect.condition.id,
				detail: effect.choice
			});
		case 'handedOver':
			return handedOver(batch, step, effect.action, effect.at);
		case 'passedOver':
			change(step, effect.action.id, { status: 'skipped', at: effect.at, reason: effect.reason });
			if (see(step, effect.action.id, 'skipped', effect.reason, false))
				reached(batch, step, 'skipped', effect.action, effect.at, effect.reason);
			return;
		case 'handOverFailed':
			change(step, effect.action.id, { status: 'failed', at: null, reason: null });
			return;
		case 'responded':
			return responded(batch, step, effect, actorId, data);
		case 'ended':
			return ended(batch, step, effect);
		case 'enrolled':
			return addEvent(batch, step.row, step.cadence.orgTimeZone, { kind: 'enrolled', actorId });
		case 'skippedTo':
			return addEvent(batch, step.row, step.cadence.orgTimeZone, {
				kind: 'skippedTo',
				actionId: effect.action.id,
				followUp: effect.action.followUp,
				actorId
			});
		case 'moved':
		case 'resumed':
			return addEvent(batch, step.row, step.cadence.orgTimeZone, {
				kind: effect.kind,
				actionId: step.row.race?.actionId ?? null,
				first: effect.kind === 'moved' || data?.['again'] !== true,
				actorId
			});
		case 'paused':
		case 'unpaused':
			return addEvent(batch, step.row, step.cadence.orgTimeZone, {
				kind: effect.kind,
				detail: effect.cause,
				actorId
			});
		default:
			return assertNever(effect);
	}
}

function execute(batch: StepBatch, step: Step, action: PlanAction): void {
	const due = step.due;
	if (!due) throw new Error('An action can be executed by a pass only.');
	const waits = isHandedOver(action.kind);
	const opening = openingResponse(action.kind);
	// A task or call that was executed is one that was created: one line of the log says both.
	const isSaid = opening === 'created';
	const kinds: EventKind[] = waits ? [] : isSaid ? ['executed'] : ['executed', opening];
	const seen = kinds.map((kind) => keyOf(action.id, kind, null, false));
	const variant = action.kind === 'email' ? (variantOf(step.row, action)?.id ?? null) : null;
	const id = addActionRun(batch, step, action, waits ? 'queued' : 'executed', null, seen, variant);
	const data = produce(batch, step, action, due, id);
	if (waits) return;
	reached(batch, step, 'executed', action, batch.now, null);
	if (isSaid) return;
	addEvent(batch, step.row, step.cadence.orgTimeZone, {
		kind: opening,
		actionId: action.id,
		followUp: action.followUp,
		data
	});
}

/** REP-3: an executed or skipped action, with how deep the run was before. */
function reached(
	batch: StepBatch,
	step: Step,
	kind: 'executed' | 'skipped',
	action: PlanAction,
	at: number,
	detail: string | null
): void {
	addEvent(batch, step.row, step.cadence.orgTimeZone, {
		kind,
		atMs: at,
		actionId: action.id,
		followUp: action.followUp,
		depthBefore: step.followUp,
		detail,
		data: variantData(step, action.id, null)
	});
	step.followUp = Math.max(step.followUp, action.followUp);
}

function addActionRun(
	batch: StepBatch,
	step: Step,
	action: Pick<PlanAction, 'id'> & { kind: string },
	status: ActionRunRow['status'],
	reason: string | null,
	seen: string[],
	variant: string | null = null
): string {
	const id = newId();
	batch.actionRuns.push({
		org: step.row.org_id,
		id,
		enrollment: step.row.id,
		run: step.row.run_no,
		action: action.id,
		kind: action.kind,
		status,
		reason,
		variant,
		executedAt: status === 'executed' || status === 'skipped' ? iso(batch.now) : null,
		seen: arrayText(seen)
	});
	return id;
}

/** EXE-10: accepted by relay or API: now the action counts as executed. */
function handedOver(batch: StepBatch, step: Step, action: PlanAction, at: number): void {
	change(step, action.id, { status: 'executed', at, reason: null });
	if (see(step, action.id, 'executed', null, false)) reached(batch, step, 'executed', action, at, null);
}

function responded(
	batch: StepBatch,
	step: Step,
	effect: Extract<Effect, { kind: 'responded' }>,
	actorId: string | null,
	data: EventData
): void {
	const { response, late, implied } = effect;
	const kind = eventKindOf(response.response);
	if (!kind) return;
	const machine = response.machine ?? false;
	const detail = response.parameter ?? null;
	const first = see(step, response.actionId, kind, detail, machine);
	// An open that a click implies is said once.
	if (implied && !first) return;
	addEvent(batch, step.row, step.cadence.orgTimeZone, {
		kind,
		atMs: response.at,
		actionId: response.actionId,
		followUp: followUpOf(step, response.actionId),
		detail,
		first,
		machine,
		late,
		actorId,
		data: variantData(step, response.actionId, implied ? { implied: true } : data)
	});
	if (machine || implied || response.response === 'sent') return;
	step.lastResponse = detail === null ? response.response : `${response.response}/${detail}`;
	step.lastResponseAt = iso(response.at);
}

/** REP-1: events of an A/B test name the variant, for filters. */
const variantData = (step: Step, actionId: string, data: EventData): EventData => {
	const variant = step.actionRuns.get(actionId)?.variant;
	return variant ? { ...data, variant } : data;
};

const followUpOf = (step: Step, actionId: string): number | null =>
	step.plan.nodes[actionId]?.followUp ?? null;

function ended(batch: StepBatch, step: Step, effect: Extract<Effect, { kind: 'ended' }>): void {
	const { row } = step;
	const current = batch.actionRuns.at(-1);
	const actionId = current?.enrollment === row.id ? current.action : null;
	if (effect.withdraw) {
		// Cancelling what is open needs sets of its own: `endRuns` does it, log and count included.
		batch.endings.push({
			orgId: row.org_id,
			enrollmentId: row.id,
			reason: effect.reason,
			detail: effect.detail,
			actionId
		});
		return;
	}
	addEvent(batch, row, step.cadence.orgTimeZone, {
		kind: effect.status === 'stopped' ? 'unenrolled' : effect.status,
		actionId: actionId ?? row.race?.actionId ?? null,
		followUp: step.followUp,
		detail: effect.reason,
		data: effect.detail === null ? null : { text: effect.detail }
	});
}

const keyOf = (actionId: string, kind: EventKind, detail: string | null, machine: boolean) =>
	firstKey({ actionId, kind, detail, machine });

/** REP-3: remembers an event of an action; true when it is the first of its kind. */
function see(
	step: Step,
	actionId: string,
	kind: EventKind,
	detail: string | null,
	machine: boolean
): boolean {
	const known = step.actionRuns.get(actionId);
	if (!known) return true;
	const key = keyOf(actionId, kind, detail, machine);
	if (known.seen.has(key)) return false;
	known.seen.add(key);
	known.dirty = true;
	return true;
}

function change(step: Step, actionId: string, to: Pick<KnownActionRun, 'status' | 'at' | 'reason'>): void {
	const known = step.actionRuns.get(actionId);
	if (known) Object.assign(known, to, { dirty: true });
}

/** What became of action_runs that were there before this batch. */
export function recordActionRuns(batch: StepBatch, step: Step): void {
	for (const [action, known] of step.actionRuns)
		if (known.dirty)
			batch.actionRunChanges.push({
				org: step.row.org_id,
				enrollment: step.row.id,
				run: step.row.run_no,
				action,
				status: known.status,
				reason: known.reason,
				executedAt: known.at === null ? null : iso(known.at),
				seen: arrayText([...known.seen])
			});
}

/** The state after all events of this enrollment in the batch. */
export function recordState(batch: StepBatch, step: Step, before: Run, after: Run): void {
	recordActionRuns(batch, step);
	const withdrawn = batch.endings.at(-1)?.enrollmentId === step.row.id;
	if (after === before && step.lastResponse === null && step.followUp === step.row.follow_up) return;
	// `endRuns` ends live rows only: until then the row keeps its status, with nothing due.
	const run: Run = withdrawn
		? {
				...after,
				status: before.status,
				pauseCauses: before.pauseCauses,
				next: null,
				endedAt: null,
				endReason: null,
				endDetail: null
			}
		: after;
	batch.changes.push({
		row: step.row,
		run,
		nextActionId: nextActionId(step.plan, run),
		followUp: step.followUp,
		lastResponse: step.lastResponse,
		lastResponseAt: step.lastResponseAt
	});
}

const nextActionId = (plan: Plan, run: Run): string | null =>
	!run.next || run.next.branchId === noResponseId || !isLive(run.status)
		? null
		: getBranch(plan, run.race, run.next.branchId).target;
