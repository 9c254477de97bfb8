import { responsesByChannel, type ResponseKind, type ResponseRef } from '../cadence/responses.ts';
import type { Plan, PlanAction, PlanBranch, PlanExit } from '../plan/plan.ts';
import type { Race } from './state.ts';

/** The entry and every branch in one shape: what a timer belongs to. */
export type TimedBranch = Pick<PlanBranch, 'id' | 'delay' | 'target' | 'rank'>;

export const getNode = (plan: Plan, id: string): PlanAction | PlanExit => {
	const node = Object.hasOwn(plan.nodes, id) ? plan.nodes[id] : undefined;
	if (!node) throw new Error(`The plan has no node ${id}.`);
	return node;
};

/** null: the plan has no such action (any more). */
export function findAction(plan: Plan, id: string): PlanAction | null {
	const node = Object.hasOwn(plan.nodes, id) ? plan.nodes[id] : undefined;
	return node && node.kind !== 'exit' ? node : null;
}

/** The action whose race is open. */
export function currentAction(plan: Plan, race: Race): PlanAction {
	const action = findAction(plan, race.actionId);
	if (!action) throw new Error(`The plan has no action ${race.actionId}.`);
	return action;
}

/** The branch or entry that a timer of this race names. */
export function getBranch(plan: Plan, race: Race | null, branchId: string): TimedBranch {
	if (branchId === plan.entry.id) return { ...plan.entry, rank: 0 };
	const branch = race && currentAction(plan, race).branches.find((one) => one.id === branchId);
	if (!branch) throw new Error(`The plan has no branch ${branchId}.`);
	return branch;
}

/**
 * GRA-2: the branches that a response takes: those that name its parameter; else those that name the kind alone.
 */
export function branchesTaking(action: PlanAction, ref: ResponseRef): PlanBranch[] {
	const named =
		ref.parameter === undefined
			? []
			: action.branches.filter((branch) =>
					branch.when.some((one) => one.response === ref.response && one.parameter === ref.parameter)
				);
	if (named.length) return named;
	return action.branches.filter((branch) =>
		branch.when.some((one) => one.response === ref.response && one.parameter === undefined)
	);
}

const positives = new Map<ResponseKind, ResponseKind>(
	Object.values(responsesByChannel)
		.flat()
		.flatMap((one) => (one.negativeOf ? [[one.kind, one.negativeOf] as const] : []))
);

/** GRA-11: the positive response of a negative one; undefined for the others. */
const positiveOf = (kind: ResponseKind): ResponseKind | undefined => positives.get(kind);

export const isNegative = (kind: ResponseKind): boolean => positives.has(kind);

/** GRA-11: whether the positive response of `negative` is among those that came. */
export function hasPositive(race: Race, negative: ResponseKind): boolean {
	const positive = positiveOf(negative);
	if (!positive) return false;
	// "Not completed" is lost by completion alone, not by "In progress".
	if (negative === 'notCompleted') return Object.hasOwn(race.responses, 'status/Completed');
	return Object.keys(race.responses).some((key) => key === positive || key.startsWith(`${positive}/`));
}

/** GRA-6: kinds that hold one current value. */
export const isValue = (kind: ResponseKind): boolean => kind === 'result' || kind === 'status';
