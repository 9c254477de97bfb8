import * as Y from 'yjs';
import type { DraftEdge, DraftNode, DraftSettings } from '#lib/domain/cadence/draft.ts';
import { isListName, writeEntry, type ListName } from './lists.ts';

/**
 * How a draft lies in the Y.Doc (DESIGN.md 4). Flat maps, so that two people's edits meet in as few values as
 * possible: nodes (id -> map), edges (branch key -> map), settings, comments (id -> map), notes (id -> map). `pos` is
 * one value: ten thousand drags stay one entry. What people type is Y.Text; ordered lists are keys of their own (lists.ts).
 */
export const rootNames = ['nodes', 'edges', 'settings', 'comments', 'notes'] as const;
export type RootName = (typeof rootNames)[number];

const textFields = ['title', 'notes', 'subject', 'description', 'agenda'] as const;
export type TextField = (typeof textFields)[number];
export const isTextField = (field: string): field is TextField =>
	(textFields as readonly string[]).includes(field);

/** Length limits of the text fields (domain/cadence/draft.ts). */
export const textLimits: Record<TextField, number> = {
	title: 100,
	notes: 5000,
	subject: 250,
	description: 5000,
	agenda: 5000
};

export type NodeMap = Y.Map<unknown>;
export type EdgeMap = Y.Map<unknown>;

export const nodesOf = (doc: Y.Doc): Y.Map<NodeMap> => doc.getMap('nodes');
export const edgesOf = (doc: Y.Doc): Y.Map<EdgeMap> => doc.getMap('edges');
export const settingsOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('settings');

/** Un-enroll settings are keys of their own, so that two people may edit different ones. */
export const unenrollPrefix = 'unenroll.';

export function nodeToMap(node: DraftNode): NodeMap {
	const map: NodeMap = new Y.Map();
	for (const [field, value] of Object.entries(node)) {
		if (field === 'id' || value === undefined) continue;
		if (field === 'position') map.set('pos', value);
		else if (isListName(field)) writeList(map, field, value);
		else if (isTextField(field)) map.set(field, new Y.Text(String(value)));
		else map.set(field, value);
	}
	return map;
}

function writeList(map: NodeMap, list: ListName, value: unknown): void {
	if (!Array.isArray(value)) return;
	(value as { id: string }[]).forEach((entry, index) => writeEntry(map, list, { ...entry }, index + 1));
}

/** Source and response live in the key alone, so they cannot disagree with it. */
export function edgeToMap(edge: Pick<DraftEdge, 'target' | 'delay' | 'also'>): EdgeMap {
	const map: EdgeMap = new Y.Map();
	map.set('target', edge.target);
	map.set('delay', edge.delay);
	if (edge.also.length) map.set('also', edge.also);
	return map;
}

/** Settings as flat key -> value pairs. */
export function settingsToEntries(settings: Partial<DraftSettings>): [string, unknown][] {
	return Object.entries(settings).flatMap(([key, value]): [string, unknown][] =>
		key === 'unenroll' && value && typeof value === 'object'
			? Object.entries(value).map(([name, inner]) => [unenrollPrefix + name, inner])
			: [[key, value]]
	);
}

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

/** 12 characters: short enough for branch keys, some 62 bits. */
export function newNodeId(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(12));
	return Array.from(bytes, (byte) => alphabet[byte % 36]).join('');
}
