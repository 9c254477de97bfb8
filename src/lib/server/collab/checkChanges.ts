import * as Y from 'yjs';
import { parseEdgeKey } from '#lib/collab/edgeKeys.ts';
import { parseListKey } from '#lib/collab/lists.ts';
import { rootNames, type RootName } from '#lib/collab/layout.ts';
import { stickyFields, stickyLimits } from '#lib/collab/stickyNotes.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { checkString, checkValue } from './checkValue.ts';
import type { CollabLimits } from './limits.ts';

type Changed = Y.Transaction['changed'];
/** The clocks that an update adds, by client. */
export type Written = ReadonlyMap<number, { from: number; to: number }>;
type AnyType = Y.AbstractType<Y.YEvent<Y.AbstractType<unknown>>>;

const idPattern = /^[A-Za-z0-9_-]{1,40}$/;
const settingPattern = /^[A-Za-z][A-Za-z0-9]{0,40}(\.[A-Za-z][A-Za-z0-9]{0,40})?$/;
const fieldPattern = /^[A-Za-z][A-Za-z0-9]{0,39}$/;

/**
 * The bounded schema check of the gate: looks only at what a transaction touched, so its cost follows the update and
 * not the document. Answers what is wrong, or null.
 */
export function checkChanges(
	doc: Y.Doc,
	changed: Changed,
	written: Written,
	limits: CollabLimits
): string | null {
	if (doc.share.size !== rootNames.length) return 'unknown part of the document';
	for (const [type, keys] of changed) {
		const wrong = checkType(doc, type as unknown as AnyType, keys, limits);
		if (wrong) return wrong;
	}
	return checkTextParts(doc, written);
}

function checkType(doc: Y.Doc, type: AnyType, keys: Set<string | null>, limits: CollabLimits): string | null {
	if (type._item?.deleted) return null;
	const root = rootNames.find((name) => doc.share.get(name) === (type as unknown));
	if (root) return checkRoot(root, type, keys, limits);
	const parent = type._item?.parent;
	const owner = rootNames.find((name) => doc.share.get(name) === (parent as unknown));
	if (type instanceof Y.Map) {
		if (!owner) return 'maps are nested too deeply';
		// Neither an edit nor an undo writes it again: what comes back is a new entry. Without it the step is gone for all.
		if (owner === 'nodes' && keys.has('kind')) return 'the kind of a node changes';
		return checkEntry(type, keys, limits) ?? (owner === 'notes' ? checkNote(type) : null);
	}
	if (!(type instanceof Y.Text)) return 'unknown kind of value';
	const map: unknown = parent;
	const onNote = map instanceof Y.Map && map._item?.parent === doc.share.get('notes');
	return checkText(type, limits, onNote ? stickyLimits.text : limits.textLength);
}

function checkRoot(
	root: RootName,
	map: AnyType,
	keys: Set<string | null>,
	limits: CollabLimits
): string | null {
	if (!(map instanceof Y.Map) || map._start) return `${root} is not a map`;
	const most = root === 'notes' ? stickyLimits.count : limits.entries;
	if (map.size > most) return `more than ${most} ${root}`;
	for (const key of keys) {
		if (key === null || !keyFits(root, key)) return `a key of ${root} is not allowed`;
		const item = map._map.get(key);
		if (!item || item.deleted) {
			if (root === 'nodes' && key === startNodeId) return 'the start cannot be removed';
			continue;
		}
		const wrong =
			root === 'settings'
				? checkItem(item, key === 'unenroll.criteria' ? limits.criteriaDepth : limits.valueDepth, limits)
				: checkNewEntry(root, item, limits);
		if (wrong) return `${root}: ${wrong}`;
	}
	return null;
}

function keyFits(root: RootName, key: string): boolean {
	if (root === 'settings') return settingPattern.test(key);
	if (root === 'edges') {
		const from = key.length <= 300 ? parseEdgeKey(key) : null;
		return from !== null && checkString(from.parameter ?? '') === null;
	}
	// No name that every object has: drafts and plans are read back from the database as plain objects.
	return idPattern.test(key) && !(key in Object.prototype);
}

/** A node, branch, comment or note that was just put in: all of it is new. */
function checkNewEntry(root: RootName, item: Y.Item, limits: CollabLimits): string | null {
	const type = item.content instanceof Y.ContentType ? item.content.type : null;
	if (!(type instanceof Y.Map)) return 'an entry is not a map';
	const wrong = checkEntry(type, new Set(type._map.keys()), limits);
	if (wrong) return wrong;
	if (root === 'notes') return checkNote(type);
	// The one field that never changes (checkType), so even an undo brings it back. Without it nobody could read the node.
	return root === 'nodes' && typeof type.get('kind') !== 'string' ? 'a node has no kind' : null;
}

/** COL-3: a sticky note has its four fields and nothing else. */
function checkNote(map: Y.Map<unknown>): string | null {
	const { text, ...rest } = Object.fromEntries(map.entries());
	if (!(text instanceof Y.Text) || text.length > stickyLimits.text) return 'a note has no text of its length';
	return stickyFields.safeParse(rest).success ? null : 'a note is not as it should be';
}

function checkEntry(map: Y.Map<unknown>, keys: Set<string | null>, limits: CollabLimits): string | null {
	if (map._start) return 'an entry is not a map';
	if (fieldsOf(map) > limits.fieldsPerEntry) return 'an entry has too many fields';
	for (const key of keys) {
		const part = key === null ? null : parseListKey(key);
		if (key === null || !(part || fieldPattern.test(key))) return 'a field name is not allowed';
		const item = map._map.get(key);
		if (!item || item.deleted) continue;
		if (item.content instanceof Y.ContentType) {
			const text = item.content.type;
			const wrong =
				text instanceof Y.Text && !part ? checkText(text, limits) : 'values are nested too deeply';
			if (wrong) return wrong;
		} else {
			const depth = part?.field === 'criteria' ? limits.criteriaDepth : limits.valueDepth;
			const wrong = checkItem(item, depth, limits);
			if (wrong) return wrong;
		}
	}
	return null;
}

/** Those that are there: cases and variants that were removed leave a mark in the map. */
function fieldsOf(map: Y.Map<unknown>): number {
	let count = 0;
	for (const item of map._map.values()) if (!item.deleted) count++;
	return count;
}

function checkItem(item: Y.Item, depth: number, limits: CollabLimits): string | null {
	const content = item.content;
	if (!(content instanceof Y.ContentAny) || content.arr.length !== 1) return 'unknown kind of value';
	return checkValue(content.arr[0], depth, limits);
}

function checkText(text: Y.Text, limits: CollabLimits, longest = limits.textLength): string | null {
	if (text._map.size) return 'a text has attributes';
	return text.length > longest ? `a text is longer than ${longest}` : null;
}

/** What an update put into texts; what stood there before it was looked at when it came. */
function checkTextParts(doc: Y.Doc, written: Written): string | null {
	for (const [client, { from }] of written) {
		const structs = doc.store.clients.get(client) ?? [];
		for (let at = structs.length - 1; at >= 0; at--) {
			const struct = structs[at]!;
			if (struct.id.clock + struct.length <= from) break;
			const isPlain =
				struct.deleted || !(struct instanceof Y.Item) || struct.content instanceof Y.ContentString;
			if (!isPlain && struct.parent instanceof Y.Text) return 'a text holds more than text';
		}
	}
	return null;
}
