import type { Draft, NodeKind } from '#lib/domain/cadence/draft.ts';
import { graphOf } from '#lib/domain/plan/graph.ts';
import { columnGap, nodeSize, rowHeight } from './nodeSize.ts';

/** Where a new node goes: one row below its source, right of the branches there, never on top of another node. */
export function findSpot(draft: Draft, sourceId: string, kind: NodeKind): [number, number] {
	const source = draft.nodes[sourceId];
	const size = nodeSize[kind];
	if (!source) return [0, 0];
	const y = source.position[1] + rowHeight;
	const siblings = (graphOf(draft).out.get(sourceId) ?? [])
		.map(({ target }) => draft.nodes[target])
		.filter((node) => node !== undefined);
	let x = siblings.length
		? Math.max(...siblings.map((node) => node.position[0] + nodeSize[node.kind].width)) + columnGap
		: source.position[0] + nodeSize[source.kind].width / 2 - size.width / 2;
	const others = Object.values(draft.nodes);
	for (let tries = 0; tries < others.length + 1; tries++) {
		const hit = others.find(
			({ position, kind: other }) =>
				position[0] < x + size.width + columnGap / 2 &&
				position[0] + nodeSize[other].width + columnGap / 2 > x &&
				position[1] < y + size.height &&
				position[1] + nodeSize[other].height > y
		);
		if (!hit) break;
		x = hit.position[0] + nodeSize[hit.kind].width + columnGap;
	}
	return [Math.round(x), Math.round(y)];
}
