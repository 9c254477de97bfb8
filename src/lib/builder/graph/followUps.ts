import type { Draft } from '#lib/domain/cadence/draft.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { linksOf, type Links } from './links.ts';

/**
 * GRA-4: the follow-up number of each node = longest path from the start node, which is 0. Nodes that nothing
 * reaches are absent. Nodes of a cycle (only a merge can make one) get the number of their first visit, so that
 * the canvas can still draw them beside the problem.
 */
export function followUpNumbers(draft: Draft, links: Links = linksOf(draft)): Map<string, number> {
	const numbers = new Map<string, number>();
	if (!draft.nodes[startNodeId]) return numbers;
	for (const id of topologicalOrder(links)) {
		const from = numbers.get(id) ?? 0;
		if (id === startNodeId) numbers.set(id, 0);
		for (const { edge } of links.leaving.get(id) ?? [])
			if (edge.target !== startNodeId)
				numbers.set(edge.target, Math.max(numbers.get(edge.target) ?? 0, from + 1));
	}
	return numbers;
}

/** Reachable nodes, sources before targets; a back edge of a cycle is passed over. */
function topologicalOrder(links: Links): string[] {
	const order: string[] = [];
	const state = new Map<string, 'open' | 'done'>();
	// Explicit stack: a chain of hundreds of actions must not depend on the depth of the call stack.
	const stack: { id: string; next: number }[] = [{ id: startNodeId, next: 0 }];
	state.set(startNodeId, 'open');
	for (let top = stack.at(-1); top; top = stack.at(-1)) {
		const child = links.leaving.get(top.id)?.[top.next++]?.edge.target;
		if (child === undefined) {
			state.set(top.id, 'done');
			order.push(top.id);
			stack.pop();
		} else if (!state.has(child)) {
			state.set(child, 'open');
			stack.push({ id: child, next: 0 });
		}
	}
	return order.reverse();
}
