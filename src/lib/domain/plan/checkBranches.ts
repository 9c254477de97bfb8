import type { Draft, DraftEdge, DraftNode } from '../cadence/draft.ts';
import {
	branchKey,
	entryKey,
	isActionKind,
	responseKey,
	startNodeId,
	type ActionKind,
	type BranchingKind
} from '../cadence/responses.ts';
import type { ResponseRef } from '../cadence/responses.ts';
import { leavesAtOnce } from './checkCondition.ts';
import { checkDelay, type CadenceTimes } from './checkDelay.ts';
import { checkResponse, definitionOf, type LooseRef } from './checkResponse.ts';
import type { Violation } from './plan.ts';
import type { PublishContext } from './publishContext.ts';
import { error, nodeLabel } from './violation.ts';

export const isAction = (node: DraftNode | undefined): node is Extract<DraftNode, { kind: ActionKind }> =>
	node !== undefined && isActionKind(node.kind);

/** Actions and conditions: what branches leave. */
export const isBranching = (
	node: DraftNode | undefined
): node is Extract<DraftNode, { kind: BranchingKind }> => isAction(node) || node?.kind === 'condition';

/** All responses of a branch, its own first. */
export const refsOf = (edge: DraftEdge): LooseRef[] => [edge, ...edge.also];
const keyOf = (ref: LooseRef): string => responseKey(ref as ResponseRef);

/** GRA-2, GRA-5, GRA-6, GRA-11: responses, parameters, duplicates, negatives and delays of every branch. */
export function checkBranches(draft: Draft, context: PublishContext): Violation[] {
	const found: Violation[] = [];
	const used = new Map<string, string>();
	for (const key of Object.keys(draft.edges).sort()) {
		const edge = draft.edges[key]!;
		const source = draft.nodes[edge.source];
		const target = draft.nodes[edge.target];
		for (const problem of checkDelay(edge.delay, timesFor(draft, target, context)))
			found.push(error(problem.code, { edge: key }, problem.message));
		if (edge.source === startNodeId) {
			if (key !== entryKey || edge.response !== 'entry' || edge.also.length)
				found.push(error('branch.key', { edge: key }, 'From the start leads one way only. Remove this one.'));
		} else if (isBranching(source)) found.push(...checkActionBranch(key, edge, source, used, context));
	}
	return found;
}

function timesFor(draft: Draft, target: DraftNode | undefined, context: PublishContext): CadenceTimes {
	const isMessage = target?.kind === 'email' || target?.kind === 'whatsapp';
	return {
		window: isMessage ? draft.settings.window : null,
		weekdays: isMessage ? draft.settings.weekdays : null,
		businessHours: context.businessHours
	};
}

function checkActionBranch(
	key: string,
	edge: DraftEdge,
	source: Extract<DraftNode, { kind: BranchingKind }>,
	used: Map<string, string>,
	context: PublishContext
): Violation[] {
	const found: Violation[] = [];
	const at = { edge: key };
	if (key !== branchKey(edge.source, edge as ResponseRef))
		found.push(
			error(
				'branch.key',
				at,
				`A branch of ${nodeLabel(source)} does not fit its response. Remove and add it again.`
			)
		);
	if (source.kind === 'condition' && !leavesAtOnce(edge))
		found.push(
			error(
				'condition.delay',
				at,
				'A condition is left at once. Take the delay away, or put it on a later branch.'
			)
		);
	const refs = refsOf(edge);
	const negatives = refs.filter((ref) => definitionOf(source.kind, ref.response)?.negativeOf);
	if (negatives.length && refs.length > 1)
		found.push(
			error(
				'branch.negativeMixed',
				at,
				'"Not ... within" has its own waiting time and stands alone. Give it a branch of its own.'
			)
		);
	if (negatives.length && edge.delay.unit === 'immediately')
		found.push(error('delay.negative', at, 'Say how long to wait before this counts as "not happened".'));
	for (const ref of refs) {
		const problem = checkResponse(source.kind, ref, source, context);
		if (problem)
			found.push(error(problem.parameter ? 'branch.parameter' : 'branch.response', at, problem.message));
		const slot = `${edge.source}\n${keyOf(ref)}`;
		const first = used.get(slot);
		if (first !== undefined)
			found.push(
				error(
					'branch.duplicate',
					at,
					`${nodeLabel(source)} already has a branch for this response. Each response can be used once.`
				)
			);
		else used.set(slot, key);
	}
	return found;
}
