import type { Draft, DraftNode } from '../cadence/draft.ts';
import { canonicalJson } from './canonicalJson.ts';

type NodeChange = { id: string; kind: DraftNode['kind']; title: string };
export type DraftChanges = {
	nodes: { added: NodeChange[]; removed: NodeChange[]; changed: (NodeChange & { fields: string[] })[] };
	/** Branch keys. */
	branches: { added: string[]; removed: string[]; changed: string[] };
	/** Names of settings: `viewId`, `unenroll.criteria`, ... */
	settings: string[];
};

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);
const entry = ({ id, kind, title }: DraftNode): NodeChange => ({ id, kind, title });

/** Positions and notes are no change of what a cadence does (VER-4). */
const silent: ReadonlySet<string> = new Set(['id', 'position', 'notes']);

/** A step without what is no change of it. */
export const withoutLooks = (node: DraftNode): { id: string } => ({
	...Object.fromEntries(Object.entries(node).filter(([key]) => !silent.has(key))),
	id: node.id
});

/** VER-6: what differs between two drafts, by stable id; an empty cadence is compared with null. */
export function diffDrafts(before: Draft | null, after: Draft): DraftChanges {
	const from: Pick<Draft, 'nodes' | 'edges'> = before ?? { nodes: {}, edges: {} };
	const nodeIds = [...new Set([...Object.keys(from.nodes), ...Object.keys(after.nodes)])].sort();
	const edgeKeys = [...new Set([...Object.keys(from.edges), ...Object.keys(after.edges)])].sort();
	const changes: DraftChanges = {
		nodes: { added: [], removed: [], changed: [] },
		branches: { added: [], removed: [], changed: [] },
		settings: before ? changedSettings(before.settings, after.settings) : []
	};
	for (const id of nodeIds) {
		const old = from.nodes[id];
		const now = after.nodes[id];
		if (!old && now) changes.nodes.added.push(entry(now));
		else if (old && !now) changes.nodes.removed.push(entry(old));
		else if (old && now) {
			const fields = changedKeys(old, now).filter((key) => !silent.has(key));
			if (fields.length) changes.nodes.changed.push({ ...entry(now), fields });
		}
	}
	for (const key of edgeKeys) {
		const old = from.edges[key];
		const now = after.edges[key];
		if (!old) changes.branches.added.push(key);
		else if (!now) changes.branches.removed.push(key);
		else if (!same(old, now)) changes.branches.changed.push(key);
	}
	return changes;
}

function changedKeys(before: object, after: object): string[] {
	const a = before as Record<string, unknown>;
	const b = after as Record<string, unknown>;
	return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !same(a[key], b[key])).sort();
}

const changedSettings = (before: Draft['settings'], after: Draft['settings']): string[] =>
	changedKeys(before, after).flatMap((key) =>
		key === 'unenroll'
			? changedKeys(before.unenroll, after.unenroll).map((part) => `unenroll.${part}`)
			: [key]
	);

export const hasChanges = ({ nodes, branches, settings }: DraftChanges): boolean =>
	[
		nodes.added,
		nodes.removed,
		nodes.changed,
		branches.added,
		branches.removed,
		branches.changed,
		settings
	].some((list) => list.length > 0);
