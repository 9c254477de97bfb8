import type { BranchingKind } from '../cadence/responses.ts';
import { actionEventKinds, type ActionEventKind } from '../enrollment/events.ts';

/** Sums of the log, as the rollup, the tail and a recount all give them. `actionId` '' = the run. */
export type CountRow = {
	actionId: string;
	kind: string;
	detail: string;
	first: boolean;
	machine: boolean;
	count: number;
};

/** An action as some version had it; `current`: the live version (or the chosen one) has it. */
export type ReportAction = {
	id: string;
	kind: BranchingKind;
	title: string;
	followUp: number;
	current: boolean;
	/** What a condition's cases are called; the log has their ids. */
	caseLabels?: Record<string, string>;
};

/** REP-3: runs with at least one such event, and all events. */
type Figure = { runs: number; events: number };
export type ValueCount = { value: string; runs: number };

export type ActionFigures = ReportAction & {
	executed: number;
	skipped: number;
	figures: Partial<Record<ActionEventKind, Figure>>;
	skippedBy: ValueCount[];
	/** Call results, task statuses, a condition's cases: runs that had the value at least once. */
	values: ValueCount[];
	/** Opens and clicks by mail proxies and scanners (EXE-7); in no other figure. */
	machine: { opened: number; clicked: number };
};

export type Funnel = {
	enrolled: number;
	/** REP-3: runs that executed or skipped an action of this depth or deeper. */
	reached: { followUp: number; runs: number }[];
	completed: number;
	completedBy: ValueCount[];
	unenrolled: number;
	unenrolledBy: ValueCount[];
	failed: number;
	failedBy: ValueCount[];
	actions: ActionFigures[];
};

const byCount = (a: ValueCount, b: ValueCount): number => b.runs - a.runs || (a.value < b.value ? -1 : 1);

/** Runs per detail of one kind, over whatever actions. */
function valuesOf(rows: readonly CountRow[], kind: string): ValueCount[] {
	const sums = new Map<string, number>();
	for (const row of rows)
		if (row.kind === kind && row.first) sums.set(row.detail, (sums.get(row.detail) ?? 0) + row.count);
	return [...sums].map(([value, runs]) => ({ value, runs })).sort(byCount);
}
const total = (values: readonly ValueCount[]): number => values.reduce((sum, { runs }) => sum + runs, 0);

/** REP-1, REP-3: the funnel that the sums of a log make. Pure, so that it is the same for a rollup and a recount. */
export function funnelOf(rows: readonly CountRow[], actions: readonly ReportAction[]): Funnel {
	const human = rows.filter((row) => !row.machine);
	const byAction = Map.groupBy(rows, (row) => row.actionId);
	const completedBy = valuesOf(human, 'completed');
	const unenrolledBy = valuesOf(human, 'unenrolled');
	const failedBy = valuesOf(human, 'failed');
	return {
		enrolled: total(valuesOf(human, 'enrolled')),
		reached: valuesOf(human, 'reached')
			.map(({ value, runs }) => ({ followUp: Number(value), runs }))
			.sort((a, b) => a.followUp - b.followUp),
		completed: total(completedBy),
		completedBy,
		unenrolled: total(unenrolledBy),
		unenrolledBy,
		failed: total(failedBy),
		failedBy,
		actions: actions
			.map((action) => figuresOf(action, byAction.get(action.id) ?? []))
			.sort((a, b) => a.followUp - b.followUp || (a.id < b.id ? -1 : 1))
	};
}

/** What the values of an action are. */
export const valueKindOf = (kind: BranchingKind): 'result' | 'status' | 'decided' =>
	kind === 'call' ? 'result' : kind === 'condition' ? 'decided' : 'status';

/** Kinds of an action's events that are figures of their own; the run's endings also carry the action. */
const figureKinds: ReadonlySet<string> = new Set(actionEventKinds);

function figuresOf(action: ReportAction, rows: readonly CountRow[]): ActionFigures {
	const figures: Partial<Record<ActionEventKind, Figure>> = {};
	const machine = { opened: 0, clicked: 0 };
	for (const { kind, first, machine: isMachine, count } of rows) {
		if (isMachine) {
			if (first && (kind === 'opened' || kind === 'clicked')) machine[kind] += count;
			continue;
		}
		if (!figureKinds.has(kind)) continue;
		const figure = (figures[kind as ActionEventKind] ??= { runs: 0, events: 0 });
		figure.events += count;
		if (first) figure.runs += count;
	}
	const human = rows.filter((row) => !row.machine);
	return {
		...action,
		executed: figures.executed?.runs ?? 0,
		skipped: figures.skipped?.runs ?? 0,
		figures,
		skippedBy: valuesOf(human, 'skipped'),
		values: valuesOf(human, valueKindOf(action.kind)),
		machine
	};
}
