import { actionEventKinds, type ActionEventKind } from '../enrollment/events.ts';
import type { CountRow } from './funnel.ts';

/** COL-5: the figures of one node of the live version. Counts are runs (REP-3), machine events left out. */
export type LiveNode = {
	/** Live runs that stand here: the action is their current one. */
	waiting: number;
	executed: number;
	skipped: number;
	/** Runs that failed at this action. */
	failed: number;
	/** Runs that ended here: at an exit, or after the last action. */
	ended: number;
	/** Runs that executed or skipped the action and came to a goal; null: the cadence has none. */
	converted: number | null;
	/** What came back: kinds of responses; call results, task statuses and cases by value. */
	responses: { kind: ActionEventKind; value: string | null; runs: number }[];
};

export type LiveFigures = {
	/** null: never published, so nothing runs. */
	version: number | null;
	/** In an inactive cadence nothing runs; the figures are those until it was switched off. */
	active: boolean;
	/** Live runs before their first action. */
	starting: number;
	enrolled: number;
	/** Every node of the live version; one that is not here is new. */
	nodes: Record<string, LiveNode>;
};

/** Counted by value, because the kind alone says little. */
const valued: ReadonlySet<string> = new Set(['result', 'status', 'decided']);
/** Figures of their own, or what every executed action has. */
const apart: ReadonlySet<string> = new Set(['executed', 'skipped']);
const kinds: ReadonlySet<string> = new Set(actionEventKinds);

/** Figures of the version's nodes from the sums of the log, and from where live runs stand and who reached a goal. */
export function liveNodes(
	ids: readonly string[],
	rows: readonly CountRow[],
	waiting: ReadonlyMap<string, number>,
	converted: ReadonlyMap<string, number> | null
): Record<string, LiveNode> {
	const nodes: Record<string, LiveNode> = {};
	const at = (id: string): LiveNode =>
		(nodes[id] ??= {
			waiting: waiting.get(id) ?? 0,
			executed: 0,
			skipped: 0,
			failed: 0,
			ended: 0,
			converted: converted && (converted.get(id) ?? 0),
			responses: []
		});
	const known = new Set(ids);
	for (const id of ids) at(id);
	for (const { actionId, kind, detail, first, machine, count } of rows) {
		if (!known.has(actionId) || machine || !first) continue;
		const node = at(actionId);
		if (kind === 'executed') node.executed += count;
		else if (kind === 'skipped') node.skipped += count;
		else if (kind === 'failed') node.failed += count;
		else if (kind === 'completed') node.ended += count;
		else if (kinds.has(kind) && !apart.has(kind)) add(node, kind as ActionEventKind, detail, count);
	}
	for (const { responses } of Object.values(nodes)) responses.sort((a, b) => b.runs - a.runs);
	return nodes;
}

function add({ responses }: LiveNode, kind: ActionEventKind, detail: string, runs: number): void {
	const value = valued.has(kind) ? detail : null;
	const known = responses.find((one) => one.kind === kind && one.value === value);
	if (known) known.runs += runs;
	else responses.push({ kind, value, runs });
}
