import type { Draft, DraftEdge } from '#lib/domain/cadence/draft.ts';

/** One branch with the key it has in the document (GRA-2). */
export type Link = { key: string; edge: DraftEdge };

/** Branches by where they leave and where they arrive. Dangling ones (an end is gone) are left out. */
export type Links = { leaving: Map<string, Link[]>; arriving: Map<string, Link[]> };

export function linksOf(draft: Draft): Links {
	const links: Links = { leaving: new Map(), arriving: new Map() };
	const push = (index: Map<string, Link[]>, id: string, link: Link) => {
		const list = index.get(id);
		if (list) list.push(link);
		else index.set(id, [link]);
	};
	for (const [key, edge] of Object.entries(draft.edges)) {
		if (!draft.nodes[edge.source] || !draft.nodes[edge.target]) continue;
		push(links.leaving, edge.source, { key, edge });
		push(links.arriving, edge.target, { key, edge });
	}
	return links;
}

/** Everything that can be reached from `id`, itself included. Cycles end where they began. */
export function reachableFrom(links: Links, id: string): Set<string> {
	const seen = new Set([id]);
	const queue = [id];
	for (let at = queue.pop(); at !== undefined; at = queue.pop())
		for (const { edge } of links.leaving.get(at) ?? [])
			if (!seen.has(edge.target)) {
				seen.add(edge.target);
				queue.push(edge.target);
			}
	return seen;
}

/** GRA-3: would a branch from `source` to `target` close a cycle? */
export const closesCycle = (draft: Draft, source: string, target: string): boolean =>
	reachableFrom(linksOf(draft), target).has(source);
