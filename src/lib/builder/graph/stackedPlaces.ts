import type { Draft } from '#lib/domain/cadence/draft.ts';
import { nodeSize } from './nodeSize.ts';

/** As far a step lies from the one it would cover: the title below and a good part of the one above are seen. */
const step = 40;

/**
 * GRA-2: steps that two people drew at the same time, without seeing each other, have one place. All but one of them are
 * shown a little below and to the right, the same ones on every canvas: the connected one stays, then the first by id. The
 * document keeps their place until somebody moves them. Only left-overs, and branches of one step.
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
	const sources = new Map(Object.values(draft.edges).map(({ source, target }) => [target, source]));
	for (const pile of full) {
		pile.sort((a, b) => Number(sources.has(b)) - Number(sources.has(a)) || (a < b ? -1 : 1));
		const [first] = pile;
		let far = 0;
		for (const id of pile) {
			const source = sources.get(id);
			const node = draft.nodes[id];
			// One that leads to another was put there by hand.
			if (id === first || !node || (source !== undefined && source !== sources.get(first ?? ''))) continue;
			far += step;
			places.set(id, [node.position[0] + far, node.position[1] + far]);
		}
	}
	return places;
}
