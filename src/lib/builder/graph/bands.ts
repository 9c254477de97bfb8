import type { Draft } from '#lib/domain/cadence/draft.ts';
import { isActionKind } from '#lib/domain/cadence/responses.ts';
import { nodeSize } from './nodeSize.ts';

/** A follow-up as the canvas shows it at the left edge: its number and the height it takes. */
export type Band = { n: number; top: number; bottom: number; actions: number };

/** GRA-4: one band per follow-up that has an action, in order. Exits, conditions and the start node make none. */
export function bandsOf(draft: Draft, numbers: Map<string, number>): Band[] {
	const bands = new Map<number, Band>();
	for (const node of Object.values(draft.nodes)) {
		const n = numbers.get(node.id);
		if (!n || !isActionKind(node.kind)) continue;
		const top = node.position[1];
		const bottom = top + nodeSize[node.kind].height;
		const band = bands.get(n);
		if (!band) bands.set(n, { n, top, bottom, actions: 1 });
		else {
			band.top = Math.min(band.top, top);
			band.bottom = Math.max(band.bottom, bottom);
			band.actions++;
		}
	}
	return [...bands.values()].sort((a, b) => a.n - b.n);
}
