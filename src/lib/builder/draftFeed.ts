import type * as Y from 'yjs';
import { edgesOf, nodesOf, settingsOf } from '#lib/collab/layout.ts';
import {
	projectDraft,
	projectEdge,
	projectNode,
	projectSettings,
	type Dropped
} from '#lib/collab/document.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';

export type DraftChange = {
	draft: Draft;
	structure: boolean;
	/** What the document holds but the draft leaves out. */
	dropped: readonly Dropped[];
};

/**
 * Follows a document and tells its draft, at most once per `schedule` (an animation frame on the canvas): only what
 * changed is read again, everything else keeps its identity. `structure` says whether nodes or branches came or
 * went, or a branch leads elsewhere. Answers the function that ends it.
 */
export function followDraft(
	doc: Y.Doc,
	onChange: (change: DraftChange) => void,
	schedule: (run: () => void) => () => void
): { draft: Draft; dropped: readonly Dropped[]; flush: () => void; stop: () => void } {
	let { draft, dropped } = projectDraft(doc);
	const changed = { nodes: new Set<string>(), edges: new Set<string>(), settings: false };
	let cancel: (() => void) | null = null;

	function flush() {
		cancel?.();
		cancel = null;
		if (!changed.nodes.size && !changed.edges.size && !changed.settings) return;
		const next = { ...draft };
		const now: Dropped[] = dropped.filter(({ path }) => !isOf(path));
		let structure = false;
		if (changed.nodes.size) {
			next.nodes = Object.assign(Object.create(null) as Draft['nodes'], draft.nodes);
			for (const id of changed.nodes) {
				const node = projectNode(id, nodesOf(doc).get(id), read(nodesOf(doc), id, now));
				structure ||= !node || !next.nodes[id];
				if (node) next.nodes[id] = node;
				else delete next.nodes[id];
			}
		}
		if (changed.edges.size) {
			structure = true;
			next.edges = Object.assign(Object.create(null) as Draft['edges'], draft.edges);
			for (const key of changed.edges) {
				const edge = projectEdge(key, edgesOf(doc).get(key), read(edgesOf(doc), key, now));
				if (edge) next.edges[key] = edge;
				else delete next.edges[key];
			}
		}
		if (changed.settings) next.settings = projectSettings(doc, now);
		changed.nodes.clear();
		changed.edges.clear();
		changed.settings = false;
		// A document that loses its start node (it never should) is read as a whole: the projection mends it.
		[draft, dropped] = [next, now];
		if (!next.nodes['start']) ({ draft, dropped } = projectDraft(doc));
		onChange({ draft, structure, dropped });
	}
	/** Whether a path belongs to a part that is read again now. */
	function isOf(path: string): boolean {
		const [, root, id = '', ...rest] = path.split('/');
		if (root === 'nodes') return changed.nodes.has(id);
		if (root === 'settings') return changed.settings;
		// The key of a branch has slashes of its own.
		return root === 'edges' && [1, 2].some((n) => changed.edges.has([id, ...rest.slice(0, n)].join('/')));
	}
	/** What is gone is not unreadable. */
	const read = (map: { has: (key: string) => boolean }, key: string, list: Dropped[]): Dropped[] =>
		map.has(key) ? list : [];
	const wake = () => (cancel ??= schedule(flush));
	const note = (ids: Set<string>) => (events: Y.YEvent<Y.AbstractType<unknown>>[]) => {
		for (const event of events) {
			const id = event.path[0];
			if (id !== undefined) ids.add(String(id));
			else for (const key of event.changes.keys.keys()) ids.add(key);
		}
		wake();
	};
	const onNodes = note(changed.nodes);
	const onEdges = note(changed.edges);
	const onSettings = () => {
		changed.settings = true;
		wake();
	};
	nodesOf(doc).observeDeep(onNodes);
	edgesOf(doc).observeDeep(onEdges);
	settingsOf(doc).observeDeep(onSettings);
	return {
		draft,
		dropped,
		flush,
		stop: () => {
			cancel?.();
			nodesOf(doc).unobserveDeep(onNodes);
			edgesOf(doc).unobserveDeep(onEdges);
			settingsOf(doc).unobserveDeep(onSettings);
		}
	};
}
