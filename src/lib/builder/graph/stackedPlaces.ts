import type { Draft } from '#lib/domain/cadence/draft.ts';
import { nodeSize } from './nodeSize.ts';

/** As far a step lies from the one it would cover: the title below and a good part of the one above are seen. */
const step = 40;

/**
 * GRA-2: steps that two people drew at the same time, without seeing each other, have one place. All but one are shown a
 * little below and to the right, the same ones on every canvas: the connected one stays, then the first by id. The
 * document keeps their place until somebody moves them.
 */
export function stackedPlaces(draft: Draft): Map<string, [number, number]> {
	const piles = new Map<number, string[]>();
	const full = new Set<string[]>();
	for (const { id, kind, position } of Object.values(draft.nodes)) {
		const key = Math.round(position[0] + nodeSize[kind].width / 2) * 1e7 + Math.round(position[1]);
		const pile = piles.get(key);
		if (!pile) piles.set(key, [id]);
		else {
			pile.push(id);
			full.add(pile);
		}
	}
	const places = new Map<string, [number, number]>();
	if (!full.size) return places;
	const reached = new Set(Object.values(draft.edges).map(({ target }) => target));
	for (const pile of full) {
		pile.sort((a, b) => Number(reached.has(b)) - Number(reached.has(a)) || (a < b ? -1 : 1));
		for (const [index, id] of pile.entries()) {
			const node = draft.nodes[id];
			if (index && node) places.set(id, [node.position[0] + index * step, node.position[1] + index * step]);
		}
	}
	return places;
}
