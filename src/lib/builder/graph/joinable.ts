import type { Draft, DraftNode } from '#lib/domain/cadence/draft.ts';
import { graphOf } from '#lib/domain/plan/graph.ts';

/**
 * GRA-3: the steps that a branch from `source` may lead to without closing a cycle, as they are read on the canvas;
 * with them the one it leads to now.
 */
export function joinableFrom(draft: Draft, source: string, now?: string): DraftNode[] {
	const { into } = graphOf(draft);
	const before = new Set([source]);
	for (const id of before) for (const edge of into.get(id) ?? []) before.add(edge.source);
	return Object.values(draft.nodes)
		.filter(({ id, kind }) => kind !== 'start' && (id === now || !before.has(id)))
		.sort(({ position: a }, { position: b }) => a[1] - b[1] || a[0] - b[0]);
}
