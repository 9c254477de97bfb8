import * as Y from 'yjs';
import {
	conditionCaseSchema,
	emailVariantSchema,
	maxCases,
	maxVariants,
	nodeIdSchema
} from '#lib/domain/cadence/draft.ts';
import type { NodeMap } from './layout.ts';

/**
 * Ordered lists inside a node: cases of a condition, variants of an e-mail. Each field of each entry is a key of the
 * node's map (`cases.<id>.label`), so that two people may edit, move and remove different entries, or different fields
 * of one, and all of it stays. `order` says where an entry stands and that it is there at all.
 */
export const lists = {
	cases: {
		kind: 'condition',
		max: maxCases,
		schema: conditionCaseSchema,
		fields: conditionCaseSchema.omit({ id: true }).partial().strict(),
		empty: { label: '', criteria: null }
	},
	variants: {
		kind: 'email',
		max: maxVariants,
		schema: emailVariantSchema,
		fields: emailVariantSchema.omit({ id: true }).partial().strict(),
		empty: { templateId: null, weight: 50 }
	}
} as const;
export type ListName = keyof typeof lists;
export const listNames = Object.keys(lists) as ListName[];
export const isListName = (field: string): field is ListName => Object.hasOwn(lists, field);

export const listKey = (list: ListName, id: string, field: string): string => `${list}.${id}.${field}`;

/** The inverse of `listKey`; null for any other field of a node. */
export function parseListKey(key: string): { list: ListName; id: string; field: string } | null {
	const [list = '', id = '', field = '', ...rest] = key.split('.');
	if (rest.length || !isListName(list) || !nodeIdSchema.safeParse(id).success || id === '__proto__')
		return null;
	return field === 'order' || Object.hasOwn(lists[list].empty, field) ? { list, id, field } : null;
}

/** An entry as the document holds it: its fields unread. */
type ListEntry = { id: string; order: number; fields: Record<string, unknown> };

/** The entries of a list in order; equal places are decided by id, so that every replica reads them alike. */
export function readList(map: NodeMap, list: ListName): ListEntry[] {
	const found = new Map<string, ListEntry>();
	for (const [key, value] of map.entries()) {
		const part = parseListKey(key);
		if (part?.list !== list || value instanceof Y.AbstractType) continue;
		const entry = found.get(part.id) ?? { id: part.id, order: NaN, fields: {} };
		if (part.field === 'order') entry.order = typeof value === 'number' ? value : NaN;
		else entry.fields[part.field] = value;
		found.set(part.id, entry);
	}
	return [...found.values()]
		.filter(({ order }) => Number.isFinite(order))
		.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
}

/** Writes one entry; `undefined` fields are left out. */
export function writeEntry(
	map: NodeMap,
	list: ListName,
	{ id, ...fields }: { id: string } & Record<string, unknown>,
	order: number
): void {
	map.set(listKey(list, id, 'order'), order);
	for (const [field, value] of Object.entries(fields))
		if (value !== undefined) map.set(listKey(list, id, field), value);
}

/** Puts an entry (again) at a place of the others; where two numbers have no room between them, all are set anew. */
export function placeEntry(map: NodeMap, list: ListName, id: string, at: number): void {
	const others = readList(map, list).filter((entry) => entry.id !== id);
	const to = Math.max(0, Math.min(others.length, at));
	const before = others[to - 1]?.order ?? (others[to]?.order ?? 2) - 2;
	const after = others[to]?.order ?? before + 2;
	if (after - before > 1e-6 && Number.isFinite(after - before)) {
		map.set(listKey(list, id, 'order'), (before + after) / 2);
		return;
	}
	const ids = others.map((entry) => entry.id);
	ids.splice(to, 0, id);
	ids.forEach((one, index) => map.set(listKey(list, one, 'order'), index + 1));
}
