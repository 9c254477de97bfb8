import type { DraftNodeOf, DraftSettings } from '../cadence/draft.ts';
import type { ActionKind, ResponseRef } from '../cadence/responses.ts';
import type { Criteria } from '../criteria/criteria.ts';
import type { Delay } from '../time/delay.ts';

/** The compiled, executable, immutable form of a draft (VER-2). Stored as JSON with its sha256. */
export type Plan = {
	format: 1;
	/** Module key (`leads`). */
	module: string;
	entry: PlanEntry;
	nodes: Record<string, PlanNode>;
	settings: DraftSettings;
};

type PlanEntry = { id: 'start/entry'; target: string; delay: Delay };

export type PlanBranch = {
	/** GRA-2's branch key. */
	id: string;
	/** Any of these responses takes the branch (OR). A ref without parameter matches every value. */
	when: ResponseRef[];
	delay: Delay;
	target: string;
	/** GRA-11. */
	negative: boolean;
	/** GRA-7: place in the order of equally due branches, 0 first. */
	rank: number;
};

export type PlanAction = {
	[K in ActionKind]: {
		kind: K;
		id: string;
		/** GRA-4: longest path from start, 1 for the first. */
		followUp: number;
		title: string;
		config: Omit<DraftNodeOf<K>, 'id' | 'kind' | 'position' | 'notes' | 'title'>;
		branches: PlanBranch[];
	};
}[ActionKind];

export type PlanActionOf<K extends ActionKind> = Extract<PlanAction, { kind: K }>;

/** GRA-10: takes no time; a case (or `otherwise`) that leads nowhere completes the run. */
export type PlanCondition = {
	kind: 'condition';
	id: string;
	/** That of what leads to it: a condition counts as no follow-up. */
	followUp: number;
	title: string;
	cases: { id: string; label: string; criteria: Criteria; target: string | null }[];
	otherwise: { target: string | null };
};

export type PlanNode = PlanAction | PlanCondition | PlanExit;

export type PlanExit = { kind: 'exit'; id: string; followUp: number; reason: string; goal: boolean };

/** GRA-9: a problem is data: a stable code, a sentence, and where it sits. */
export type Violation = {
	code: string;
	severity: 'error' | 'warning';
	message: string;
	/** The node, edge or settings field that the canvas moves to. */
	at: { node: string; field?: string } | { edge: string } | { settings: string } | { cadence: true };
};
