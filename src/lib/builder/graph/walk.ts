import type { Draft } from '#lib/domain/cadence/draft.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { graphOf } from '#lib/domain/plan/graph.ts';
import { nodeSize } from './nodeSize.ts';
import { rowsOf } from './rows.ts';

export type Direction = 'up' | 'down' | 'left' | 'right';

/**
 * Where an arrow key leads: down to the branch that lies nearest below, up to the nearest source, sideways to the
 * neighbour on the same row. Null when there is nothing in that direction.
 */
export function walk(draft: Draft, from: string | null, direction: Direction): string | null {
	const node = from === null ? undefined : draft.nodes[from];
	if (!node) return draft.nodes[startNodeId] ? startNodeId : null;
	const graph = graphOf(draft);
	const x = (id: string) => {
		const at = draft.nodes[id];
		return at ? at.position[0] + nodeSize[at.kind].width / 2 : 0;
	};
	const nearest = (ids: string[]) =>
		ids.sort((a, b) => Math.abs(x(a) - x(node.id)) - Math.abs(x(b) - x(node.id)) || (a < b ? -1 : 1))[0] ??
		null;

	if (direction === 'down') return nearest((graph.out.get(node.id) ?? []).map(({ target }) => target));
	if (direction === 'up') return nearest((graph.into.get(node.id) ?? []).map(({ source }) => source));

	const rows = rowsOf(draft, graph);
	const sign = direction === 'left' ? -1 : 1;
	const beside = Object.keys(draft.nodes).filter(
		(id) => id !== node.id && rows.get(id) === rows.get(node.id) && (x(id) - x(node.id)) * sign > 0
	);
	return nearest(beside);
}
