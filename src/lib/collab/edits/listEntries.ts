import type * as Y from 'yjs';
import type { z } from 'zod';
import type { ConditionCase, EmailVariant } from '#lib/domain/cadence/draft.ts';
import { branchKey } from '#lib/domain/cadence/responses.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { branchesFrom, requireNode } from '../graph.ts';
import { edgesOf, edgeToMap, newNodeId, type EdgeMap, type NodeMap } from '../layout.ts';
import { listKey, lists, placeEntry, readList, writeEntry, type ListName } from '../lists.ts';
import { editOrigin } from '../origins.ts';

type Entries = { cases: ConditionCase; variants: EmailVariant };
type Fields<L extends ListName> = Partial<Omit<Entries[L], 'id'>>;

function requireList(doc: Y.Doc, nodeId: string, list: ListName): NodeMap {
	const node = requireNode(doc, nodeId);
	if (node.get('kind') !== lists[list].kind)
		throw new DomainError('invalid', 'This step has no such list.', `/nodes/${nodeId}/${list}`);
	return node;
}

function requireFields(list: ListName, fields: object, pointer: string): Record<string, unknown> {
	const schema: z.ZodType<object> = lists[list].fields;
	const parsed = schema.safeParse(fields);
	if (!parsed.success) throw new DomainError('invalid', 'This value does not fit here.', pointer);
	return parsed.data as Record<string, unknown>;
}

/**
 * GRA-8, GRA-10: adds a case or a variant, at the end or at a place. Answers its id.
 * @throws DomainError `invalid` when there are as many as there may be
 */
export function addEntry<L extends ListName>(
	doc: Y.Doc,
	nodeId: string,
	list: L,
	fields: Fields<L> = {},
	at?: number
): string {
	const node = requireList(doc, nodeId, list);
	const { max, empty } = lists[list];
	const pointer = `/nodes/${nodeId}/${list}`;
	const count = readList(node, list).length;
	if (count >= max) throw new DomainError('invalid', `There can be ${max} of them at most.`, pointer);
	const entry = { id: newNodeId(), ...empty, ...requireFields(list, fields, pointer) };
	doc.transact(() => {
		writeEntry(node, list, entry, 0);
		placeEntry(node, list, entry.id, at ?? count);
	}, editOrigin);
	return entry.id;
}

/**
 * Sets fields of an entry; others stay as they are.
 * @throws DomainError `not_found` when somebody removed it
 */
export function setEntry<L extends ListName>(
	doc: Y.Doc,
	nodeId: string,
	list: L,
	id: string,
	fields: Fields<L>
): void {
	const node = requireEntry(doc, nodeId, list, id);
	const parsed = requireFields(list, fields, `/nodes/${nodeId}/${list}`);
	doc.transact(() => {
		for (const [field, value] of Object.entries(parsed)) {
			const key = listKey(list, id, field);
			if (JSON.stringify(node.get(key)) !== JSON.stringify(value)) node.set(key, value);
		}
	}, editOrigin);
}

/** GRA-10: the order in which cases are tried; `to` is its place among the others. */
export function moveEntry(doc: Y.Doc, nodeId: string, list: ListName, id: string, to: number): void {
	const node = requireEntry(doc, nodeId, list, id);
	doc.transact(() => placeEntry(node, list, id, to), editOrigin);
}

/** Takes an entry away, a case with its branch. One that is gone already is fine. */
export function removeEntry(doc: Y.Doc, nodeId: string, list: ListName, id: string): void {
	const node = requireList(doc, nodeId, list);
	doc.transact(() => {
		for (const field of ['order', ...Object.keys(lists[list].empty)]) node.delete(listKey(list, id, field));
		if (list === 'cases') removeCaseBranch(doc, nodeId, id);
	}, editOrigin);
}

function requireEntry(doc: Y.Doc, nodeId: string, list: ListName, id: string): NodeMap {
	const node = requireList(doc, nodeId, list);
	if (!readList(node, list).some((entry) => entry.id === id))
		throw new DomainError('not_found', 'Somebody has removed it.', `/nodes/${nodeId}/${list}`);
	return node;
}

type Ref = { response: string; parameter?: string };

/** A branch that other cases take too stays with them. */
function removeCaseBranch(doc: Y.Doc, nodeId: string, id: string): void {
	const own = branchKey(nodeId, { response: 'case', parameter: id });
	for (const { key, edge } of branchesFrom(doc, nodeId)) {
		const also = edge.get('also');
		const others = Array.isArray(also)
			? (also as Ref[]).filter((ref) => ref?.response !== 'case' || ref.parameter !== id)
			: [];
		if (key === own) leaveToOthers(doc, nodeId, edge, others);
		else if (Array.isArray(also) && others.length < also.length) edge.set('also', others);
	}
	edgesOf(doc).delete(own);
}

function leaveToOthers(doc: Y.Doc, nodeId: string, edge: EdgeMap, [heir, ...also]: Ref[]): void {
	if (!heir) return;
	const key = branchKey(nodeId, heir as Parameters<typeof branchKey>[1]);
	const { target, delay } = edge.toJSON() as Parameters<typeof edgeToMap>[0];
	edgesOf(doc).set(key, edgeToMap({ target, delay, also }));
}
