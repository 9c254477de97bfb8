import type { Draft } from '#lib/domain/cadence/draft.ts';
import type { Box } from './freePlace.ts';
import { nodeSize } from './nodeSize.ts';

/** Half of what a label takes beside its line. */
const half = 75;

/** Where branches and their labels run, roughly as BranchEdge.svelte draws them: places for nothing else. */
export function branchBoxes(draft: Draft): Box[] {
	const ends = (id: string) => {
		const node = draft.nodes[id];
		if (!node) return null;
		const { width, height } = nodeSize[node.kind];
		const [x, y] = node.position;
		return { x: x + width / 2, top: y, bottom: y + height };
	};
	return Object.values(draft.edges).flatMap(({ source, target }) => {
		const [from, to] = [ends(source), ends(target)];
		if (!from || !to) return [];
		const left = Math.min(from.x, to.x);
		const across = Math.abs(from.x - to.x);
		const down = to.top - from.bottom;
		// Upwards or sideways it bends in the middle.
		if (down <= 0) return [{ x: left, y: to.top, width: across, height: -down }];
		return [
			{ x: left, y: from.bottom, width: across, height: Math.min(26, down) },
			{ x: to.x - half, y: from.bottom, width: 2 * half, height: down }
		];
	});
}
