import * as Y from 'yjs';
import type { z } from 'zod';
import {
	draftEdgeSchema,
	draftNodeSchema,
	draftSettingsSchema,
	nodeIdSchema,
	type Draft,
	type DraftEdge,
	type DraftNode,
	type DraftSettings
} from '#lib/domain/cadence/draft.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { parseEdgeKey } from './edgeKeys.ts';
import {
	edgesOf,
	edgeToMap,
	isTextField,
	nodesOf,
	nodeToMap,
	settingsOf,
	settingsToEntries,
	textLimits,
	unenrollPrefix
} from './layout.ts';
import { listNames, lists, parseListKey, readList, type ListName } from './lists.ts';
import { systemOrigin } from './origins.ts';

/** Something in the document that does not parse and is left out of the draft, with the reason. */
export type Dropped = { path: string; reason: string };
export type Projection = { draft: Draft; dropped: Dropped[] };

/** More entries than the gate admits are not read: a projection is always bounded. */
export const maxEntries = 2000;

/**
 * The draft that a document stands for (VER-1). Never throws, whatever the document holds: a value that does not
 * parse falls back to its default, an entry that cannot be read is left out, both are listed in `dropped`.
 * `nodes` and `edges` have no prototype, so no id can reach one.
 */
export function projectDraft(doc: Y.Doc): Projection {
	const dropped: Dropped[] = [];
	const nodes = Object.create(null) as Draft['nodes'];
	for (const [id, value] of bounded(nodesOf(doc), 'nodes', dropped)) {
		const node = projectNode(id, value, dropped);
		if (node) nodes[id] = node;
	}
	const start = nodes[startNodeId];
	if (start?.kind !== 'start') {
		nodes[startNodeId] = draftNodeSchema.parse({ id: startNodeId, kind: 'start', position: [0, 0] });
		dropped.push({ path: `/nodes/${startNodeId}`, reason: 'The start node is missing.' });
	}
	const edges = Object.create(null) as Draft['edges'];
	for (const [key, value] of bounded(edgesOf(doc), 'edges', dropped)) {
		const edge = projectEdge(key, value, dropped);
		if (edge) edges[key] = edge;
	}
	return { draft: { settings: projectSettings(doc, dropped), nodes, edges }, dropped };
}

/** One node, for a canvas that follows single changes. Null when it cannot be read. */
export function projectNode(id: string, value: unknown, dropped: Dropped[] = []): DraftNode | null {
	const path = `/nodes/${id}`;
	if (!nodeIdSchema.safeParse(id).success || id === '__proto__' || !(value instanceof Y.Map))
		return drop(dropped, path, 'This is not a node.');
	const raw = plain(value, path, dropped);
	raw.set('id', id);
	raw.set('position', raw.get('pos'));
	for (const list of listNames) {
		raw.delete(list);
		if (raw.get('kind') === lists[list].kind) projectList(value, list, raw, path, dropped);
	}
	if (raw.get('kind') === 'start' && id !== startNodeId)
		return drop(dropped, path, 'There can be only one start node.');
	return parseLeniently(draftNodeSchema, raw, path, dropped, { position: [0, 0] });
}

/** One branch. Null when it cannot be read. */
export function projectEdge(key: string, value: unknown, dropped: Dropped[] = []): DraftEdge | null {
	const path = `/edges/${key}`;
	const from = parseEdgeKey(key);
	if (!from || !(value instanceof Y.Map)) return drop(dropped, path, 'This is not a branch.');
	const raw = plain(value, path, dropped);
	for (const [name, part] of Object.entries(from)) raw.set(name, part);
	return parseLeniently(draftEdgeSchema, raw, path, dropped);
}

export function projectSettings(doc: Y.Doc, dropped: Dropped[] = []): DraftSettings {
	const raw = new Map<string, unknown>();
	const unenroll = new Map<string, unknown>();
	for (const [key, value] of bounded(settingsOf(doc), 'settings', dropped)) {
		if (value instanceof Y.AbstractType) drop(dropped, `/settings/${key}`, 'This is not a setting.');
		else if (key.startsWith(unenrollPrefix)) unenroll.set(key.slice(unenrollPrefix.length), value);
		else if (key !== 'unenroll') raw.set(key, value);
	}
	const inner = parseLeniently(draftSettingsSchema.shape.unenroll, unenroll, '/settings/unenroll', dropped);
	if (inner) raw.set('unenroll', inner);
	return parseLeniently(draftSettingsSchema, raw, '/settings', dropped) ?? draftSettingsSchema.parse({});
}

/** Fills an empty document. Not undoable; call it on a document that nobody has open. */
export function writeDraft(doc: Y.Doc, draft: Draft): void {
	doc.transact(() => {
		for (const node of Object.values(draft.nodes)) nodesOf(doc).set(node.id, nodeToMap(node));
		for (const [key, edge] of Object.entries(draft.edges)) edgesOf(doc).set(key, edgeToMap(edge));
		for (const [key, value] of settingsToEntries(draft.settings)) settingsOf(doc).set(key, value);
	}, systemOrigin);
}

type Entries = { keys: () => Iterable<string>; get: (key: string) => unknown };

/** The first entries in the order of their keys, so that every replica reads the same ones. */
function bounded(map: Entries, root: string, dropped: Dropped[]): [string, unknown][] {
	const keys = [...map.keys()].sort();
	if (keys.length > maxEntries) drop(dropped, `/${root}`, `More than ${maxEntries} entries.`);
	return keys.slice(0, maxEntries).map((key) => [key, map.get(key)]);
}

function plain(map: Y.Map<unknown>, path: string, dropped: Dropped[]): Map<string, unknown> {
	const raw = new Map<string, unknown>();
	for (const [field, value] of map.entries()) {
		if (parseListKey(field)) continue;
		if (value instanceof Y.Text && isTextField(field))
			raw.set(field, clip(value.toString(), textLimits[field], `${path}/${field}`, dropped));
		else if (value instanceof Y.AbstractType) drop(dropped, `${path}/${field}`, 'This is not a value.');
		else raw.set(field, value);
	}
	return raw;
}

/** What two people added together beyond the limit is left out at the end, and said. */
function projectList(
	map: Y.Map<unknown>,
	list: ListName,
	raw: Map<string, unknown>,
	path: string,
	dropped: Dropped[]
): void {
	const { max, schema, empty } = lists[list];
	const entries = readList(map, list);
	if (entries.length > max) drop(dropped, `${path}/${list}`, `Only the first ${max} are used.`);
	const read = entries.slice(0, max).flatMap(({ id, fields }) => {
		const entry = new Map<string, unknown>(Object.entries({ ...empty, ...fields, id }));
		const parsed = parseLeniently<object>(schema, entry, `${path}/${list}.${id}`, dropped, empty);
		return parsed ? [parsed] : [];
	});
	if (read.length) raw.set(list, read);
}

/** Two people typing at once can pass a limit together; nothing of it is lost in the document. */
function clip(text: string, limit: number, path: string, dropped: Dropped[]): string {
	if (text.length <= limit) return text;
	drop(dropped, path, `Only the first ${limit} characters are used.`);
	return text.slice(0, limit);
}

function parseLeniently<T>(
	schema: z.ZodType<T>,
	raw: Map<string, unknown>,
	path: string,
	dropped: Dropped[],
	/** What stands for a required value that cannot be read. */
	defaults: Record<string, unknown> = {}
): T | null {
	for (let attempt = 0; attempt < 2; attempt++) {
		let parsed;
		try {
			parsed = schema.safeParse(Object.fromEntries(raw));
		} catch {
			// Nesting deeper than the stack: only a document that passed by the gate can hold it.
			return drop(dropped, path, 'This cannot be read.');
		}
		if (parsed.success) return parsed.data;
		const fields = new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? '')));
		for (const field of fields) {
			drop(dropped, `${path}/${field}`, 'The value does not fit and was left out.');
			if (Object.hasOwn(defaults, field)) raw.set(field, defaults[field]);
			else raw.delete(field);
		}
	}
	return drop(dropped, path, 'Required values are missing.');
}

function drop(dropped: Dropped[], path: string, reason: string): null {
	dropped.push({ path, reason });
	return null;
}
