import type { Draft } from '../cadence/draft.ts';
import { entryKey, isActionKind, startNodeId } from '../cadence/responses.ts';
import { cycleEdges, reachableFrom, type Graph } from './graph.ts';
import type { Violation } from './plan.ts';
import type { PublishContext } from './publishContext.ts';
import { error, nodeLabel } from './violation.ts';

/** GRA-1, GRA-3, GRA-9, LIM-4: entry, dangling edges, reachability, cycles, number of actions. */
export function checkGraph(draft: Draft, graph: Graph, context: PublishContext): Violation[] {
	const found: Violation[] = [];
	const nodes = Object.values(draft.nodes);
	const starts = nodes.filter((node) => node.kind === 'start');
	const start = draft.nodes[startNodeId];
	if (start?.kind !== 'start')
		found.push(
			error('graph.start', { cadence: true }, 'The cadence has no start. Restore a version or undo.')
		);
	for (const extra of starts)
		if (extra.id !== startNodeId)
			found.push(
				error('graph.start', { node: extra.id }, 'A cadence has one start. Remove this second one.')
			);

	const actions = nodes.filter((node) => isActionKind(node.kind));
	if (!actions.length)
		found.push(
			error('graph.noAction', { cadence: true }, 'The cadence does nothing yet. Add a first action.')
		);
	else if (start && !graph.out.get(startNodeId)?.some((edge) => edge.key === entryKey))
		found.push(
			error(
				'graph.entry',
				{ node: startNodeId },
				'Nothing follows the start. Connect it to the first action.'
			)
		);
	if (actions.length > context.actionLimit)
		found.push(
			error(
				'limit.actions',
				{ cadence: true },
				`This cadence has ${actions.length} actions; the ${context.editionLabel} edition allows ${context.actionLimit}. ` +
					'Remove some, or upgrade the edition.'
			)
		);
	found.push(...checkEdges(draft), ...checkReachable(draft, graph));
	for (const key of cycleEdges(graph))
		found.push(
			error('graph.cycle', { edge: key }, 'This branch is part of a loop. Remove one branch of the loop.')
		);
	return found;
}

function checkEdges(draft: Draft): Violation[] {
	const found: Violation[] = [];
	for (const [key, edge] of Object.entries(draft.edges)) {
		const source = draft.nodes[edge.source];
		const target = draft.nodes[edge.target];
		if (!source || !target) {
			found.push(
				error(
					'graph.danglingEdge',
					{ edge: key },
					source
						? `A branch of ${nodeLabel(source)} leads to an action that was removed. Connect it again or remove it.`
						: 'A branch was left behind by an action that was removed. Remove it.'
				)
			);
			continue;
		}
		if (target.kind === 'start')
			found.push(error('graph.intoStart', { edge: key }, 'A branch cannot lead back to the start.'));
		if (source.kind === 'exit')
			found.push(
				error('graph.exitHasBranch', { edge: key }, 'Nothing can follow an exit. Remove this branch.')
			);
	}
	return found;
}

function checkReachable(draft: Draft, graph: Graph): Violation[] {
	const reachable = reachableFrom(graph);
	return Object.values(draft.nodes)
		.filter((node) => node.kind !== 'start' && !reachable.has(node.id))
		.map((node) =>
			error(
				'graph.unreachable',
				{ node: node.id },
				`${nodeLabel(node)} is not connected to the start. Connect it or remove it.`
			)
		);
}
