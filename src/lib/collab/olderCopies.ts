import * as Y from 'yjs';
import { copyNodes, type Clip } from './clip.ts';
import { projectDraft } from './document.ts';
import { parseEdgeKey } from './edgeKeys.ts';
import { edgesOf, nodesOf, settingsOf } from './layout.ts';
import { refusedPart, type CopyScope, type CopyStore } from './offlineCopy.ts';
import { notesOf, readNotes } from './stickyNotes.ts';

/**
 * Unsaved edits made to a draft that was replaced meanwhile (VER-6), or refused by the server, as far as they can be
 * put on the canvas.
 */
export type OlderCopy = {
	keys: string[];
	refused: boolean;
	/** Steps and notes that were added or changed, with the branches between them; null: none. */
	clip: Clip | null;
	/** Settings of the cadence that were changed; they are not in the copy. */
	settings: string[];
};

/**
 * VER-6: what this person typed into an older generation of the draft, or the server refused. Copies with nothing in
 * them that could be lost (deletions alone) are dropped.
 */
export async function findOlderCopies(
	store: CopyStore,
	{ userId, cadenceId, generation }: CopyScope
): Promise<OlderCopy[]> {
	const prefix = `${userId}/${cadenceId}/`;
	const found: OlderCopy[] = [];
	for (const { key, bytes } of await store.list(prefix)) {
		const [of, edits = ''] = key.slice(prefix.length).split('/');
		if (Number(of) === generation) continue;
		const [client, base] = edits.split('.').map(Number);
		const copy = { ...readCopy(key, bytes, client ?? 0, base ?? 0), refused: of === refusedPart };
		if (copy.clip || copy.settings.length) found.push(copy);
		else await store.remove(key);
	}
	return found;
}

function readCopy(key: string, bytes: Uint8Array, client: number, base: number): Omit<OlderCopy, 'refused'> {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, bytes);
	const isNew = (item: Y.Item | null | undefined): boolean =>
		item?.id.client === client && item.id.clock + item.length > base && !item.deleted;
	const touched = <T>(root: Y.Map<T>): string[] =>
		[...root.keys()].filter((id) => isNew(root._map.get(id)) || holdsNew(root.get(id), isNew));
	const ids = new Set(touched(nodesOf(doc)));
	for (const edge of touched(edgesOf(doc))) {
		const target = edgesOf(doc).get(edge)?.get('target');
		for (const end of [parseEdgeKey(edge)?.source, target]) if (typeof end === 'string') ids.add(end);
	}
	const notes = new Set(touched(notesOf(doc)));
	const copy = {
		keys: [key],
		clip: copyNodes(
			projectDraft(doc).draft,
			[...ids],
			readNotes(doc).filter(({ id }) => notes.has(id))
		),
		settings: touched(settingsOf(doc))
	};
	doc.destroy();
	return copy;
}

/** Fields of an entry, and the letters of its texts. */
function holdsNew(value: unknown, isNew: (item: Y.Item) => boolean): boolean {
	if (value instanceof Y.Map)
		return [...value._map.entries()].some(
			([field, item]) => isNew(item) || holdsNew(value.get(field), isNew)
		);
	if (!(value instanceof Y.Text)) return false;
	for (let item = value._start; item; item = item.right) if (isNew(item)) return true;
	return false;
}
