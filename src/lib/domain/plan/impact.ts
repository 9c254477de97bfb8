import { findAction, getNode, isSkip, skipTargetOf } from '../enrollment/branches.ts';
import { diffPlans, type PlanChanges } from './diffPlans.ts';
import type { Plan } from './plan.ts';

/** Where live runs of one version stand: everything that decides whether a new version touches them. */
export type Standing = {
	/** null: before the first action. */
	currentActionId: string | null;
	/** The current action's message waits in the outbox. */
	queued: boolean;
	/** Branches that are timed, or frozen by a pause; the entry before the first action. */
	branches: readonly string[];
};

/** VER-4: what publishing means for runs that stand alike. */
export type StandingImpact =
	/** What they will do next is the same in both versions. */
	| { kind: 'none' }
	/** They only wait for a response: they stay unless somebody wants them moved. */
	| { kind: 'waiting'; canMove: boolean }
	/** `actionId`: what changed or went; the dialog asks per action. */
	| { kind: 'affected'; actionId: string; canMove: boolean };

/** VER-4: how a new plan touches runs of an older one. Compares the two once. */
export function compareForRuns(older: Plan, newer: Plan): (standing: Standing) => StandingImpact {
	const changes = diffPlans(older, newer);
	return (standing) => {
		const { currentActionId, queued, branches } = standing;
		const stands = standsIn(newer, older, standing);
		if (currentActionId !== null && !findAction(newer, currentActionId))
			return { kind: 'affected', actionId: currentActionId, canMove: false };
		if (queued && currentActionId !== null && changes.changed.has(currentActionId))
			return { kind: 'affected', actionId: currentActionId, canMove: stands };
		const touched = branches.flatMap((id) => touchedBy(older, changes, currentActionId, id) ?? []).sort()[0];
		if (touched !== undefined) return { kind: 'affected', actionId: touched, canMove: stands };
		const waits = !queued && currentActionId !== null && branches.length === 0;
		return waits ? { kind: 'waiting', canMove: stands } : { kind: 'none' };
	};
}

/** Move is impossible when the action a run stands at, or was sent to, went. */
function standsIn(newer: Plan, older: Plan, { currentActionId, branches }: Standing): boolean {
	const sent = branches.find(isSkip);
	if (sent !== undefined && !findAction(newer, skipTargetOf(sent))) return false;
	if (currentActionId === null) return true;
	const now = findAction(newer, currentActionId);
	return now !== null && now.kind === findAction(older, currentActionId)?.kind;
}

/** What changed about a timed branch: its target when the branch itself did; null: nothing. */
function touchedBy(
	older: Plan,
	changes: PlanChanges,
	currentActionId: string | null,
	branchId: string
): string | null {
	if (isSkip(branchId)) return changeOnTheWay(older, changes, skipTargetOf(branchId));
	const action = currentActionId === null ? null : findAction(older, currentActionId);
	const branch =
		branchId === older.entry.id ? older.entry : action?.branches.find((one) => one.id === branchId);
	if (!branch) return null;
	if (changes.branches.has(branchId)) return branch.target;
	return changeOnTheWay(older, changes, branch.target);
}

/** GRA-10: a condition on the way, and what lies behind it, is part of the branch. */
function changeOnTheWay(older: Plan, changes: PlanChanges, targetId: string): string | null {
	if (changes.changed.has(targetId) || changes.removed.has(targetId)) return targetId;
	const node = getNode(older, targetId);
	if (node.kind !== 'condition') return null;
	for (const { target } of [...node.cases, node.otherwise]) {
		const found = target === null ? null : changeOnTheWay(older, changes, target);
		if (found !== null) return found;
	}
	return null;
}

export type ActionImpact = {
	actionId: string;
	count: number;
	/** How many of them can be moved. */
	movable: number;
};
export type PublishImpact = { actions: ActionImpact[]; waiting: number; waitingMovable: number };

/** VER-4: what the publish dialog asks about: per changed action how many, and who only waits. */
export function sumImpact(groups: readonly { impact: StandingImpact; count: number }[]): PublishImpact {
	const actions = new Map<string, ActionImpact>();
	const sum: PublishImpact = { actions: [], waiting: 0, waitingMovable: 0 };
	for (const { impact, count } of groups) {
		if (impact.kind === 'none') continue;
		const movable = impact.canMove ? count : 0;
		if (impact.kind === 'waiting') {
			sum.waiting += count;
			sum.waitingMovable += movable;
			continue;
		}
		const action = actions.get(impact.actionId) ?? { actionId: impact.actionId, count: 0, movable: 0 };
		actions.set(impact.actionId, {
			...action,
			count: action.count + count,
			movable: action.movable + movable
		});
	}
	return { ...sum, actions: [...actions.values()] };
}
