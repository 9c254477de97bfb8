import { responsesByKind, type ResponseKind, type ResponseRef } from '../cadence/responses.ts';
import { isActionKind } from '../cadence/responses.ts';
import type { Plan, PlanAction, PlanBranch, PlanCondition, PlanExit, PlanNode } from '../plan/plan.ts';
import { immediately } from '../time/delay.ts';
import type { Choices } from './runEvent.ts';
import type { Race } from './state.ts';

/** The entry and every branch in one shape: what a timer belongs to. */
export type TimedBranch = Pick<PlanBranch, 'id' | 'delay' | 'target' | 'rank'>;

export const isAction = (node: PlanNode): node is PlanAction => isActionKind(node.kind);

export const getNode = (plan: Plan, id: string): PlanNode => {
	const node = Object.hasOwn(plan.nodes, id) ? plan.nodes[id] : undefined;
	if (!node) throw new Error(`The plan has no node ${id}.`);
	return node;
};

/** null: the plan has no such action (any more). */
export function findAction(plan: Plan, id: string): PlanAction | null {
	const node = Object.hasOwn(plan.nodes, id) ? plan.nodes[id] : undefined;
	return node && isAction(node) ? node : null;
}

/**
 * GRA-10: where a branch to `targetId` leads in the end, through the conditions on the way; null: nowhere. The caller
 * has decided every condition that can be reached (`choices`).
 */
export function followConditions(
	plan: Plan,
	targetId: string,
	choices: Choices
): { node: PlanAction | PlanExit | null; decided: { condition: PlanCondition; choice: string }[] } {
	const decided: { condition: PlanCondition; choice: string }[] = [];
	let id: string | null = targetId;
	while (id !== null) {
		const node = getNode(plan, id);
		if (node.kind !== 'condition') return { node, decided };
		const choice = Object.hasOwn(choices, node.id) ? choices[node.id] : undefined;
		if (choice === undefined) throw new Error(`Condition ${node.id} was not decided.`);
		decided.push({ condition: node, choice });
		const taken = choice === 'else' ? node.otherwise : node.cases.find((one) => one.id === choice);
		if (!taken) throw new Error(`Condition ${node.id} has no case ${choice}.`);
		id = taken.target;
	}
	return { node: null, decided };
}

/** The action whose race is open. */
export function currentAction(plan: Plan, race: Race): PlanAction {
	const action = findAction(plan, race.actionId);
	if (!action) throw new Error(`The plan has no action ${race.actionId}.`);
	return action;
}

const skipPrefix = 'skip/';

/** ENR-8: stands where a branch id stands when a person sent the run to an action (skip forward, start at). */
export const skipId = (actionId: string): string => `${skipPrefix}${actionId}`;
export const isSkip = (branchId: string): boolean => branchId.startsWith(skipPrefix);
export const skipTargetOf = (branchId: string): string => branchId.slice(skipPrefix.length);

/** The branch or entry that a timer of this race names. */
export function getBranch(plan: Plan, race: Race | null, branchId: string): TimedBranch {
	if (isSkip(branchId)) return { id: branchId, delay: immediately, target: skipTargetOf(branchId), rank: -1 };
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
	Object.values(responsesByKind)
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
