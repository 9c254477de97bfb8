import type { Draft } from '#lib/domain/cadence/draft.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { followUpNumbers, graphOf, type Graph } from '#lib/domain/plan/graph.ts';

/**
 * The row of each reached node, the start on row 0. All actions of a follow-up share a row; conditions count as no
 * follow-up (GRA-10) and stand on rows of their own between it and the next.
 */
export function rowsOf(draft: Draft, graph: Graph = graphOf(draft)): Map<string, number> {
	const numbers = followUpNumbers(draft, graph).set(startNodeId, 0);
	const isCondition = (id: string) => draft.nodes[id]?.kind === 'condition';
	const depths = new Map<string, number>();
	/** How many conditions in a row, this one included, lie between the follow-up and what comes next. */
	function depthOf(id: string): number {
		if (!isCondition(id)) return 0;
		const known = depths.get(id);
		if (known !== undefined) return known;
		depths.set(id, 1); // A cycle that a merge made ends here.
		const before = (graph.into.get(id) ?? [])
			.filter(({ source }) => numbers.get(source) === numbers.get(id))
			.map(({ source }) => depthOf(source));
		const depth = 1 + Math.max(0, ...before);
		depths.set(id, depth);
		return depth;
	}
	const deepest = new Map<number, number>();
	for (const [id, number] of numbers) deepest.set(number, Math.max(deepest.get(number) ?? 0, depthOf(id)));
	const first = new Map<number, number>();
	let row = 0;
	for (const number of [...deepest.keys()].sort((a, b) => a - b)) {
		first.set(number, row);
		row += 1 + deepest.get(number)!;
	}
	return new Map([...numbers].map(([id, number]) => [id, first.get(number)! + depthOf(id)]));
}
