import * as Y from 'yjs';
import { isRefusedEdit } from './closeCodes.ts';
import type { Connection } from './connection.ts';

/** Where unsaved edits survive the closing of a tab (COL-2). In a browser: IndexedDB (offlineStore.ts). */
export type CopyStore = {
	put: (key: string, bytes: Uint8Array) => Promise<void>;
	remove: (key: string) => Promise<void>;
	/** All copies whose key begins so. */
	list: (prefix: string) => Promise<{ key: string; bytes: Uint8Array }[]>;
};

/** Whose unsaved edits of what: copies of another user or an older generation are never mixed in. */
export type CopyScope = { userId: string; cadenceId: string; generation: number };

const WRITE_MS = 250;
/** Stands where a generation would: what is kept there comes into no draft by itself. */
export const refusedPart = 'refused';
const prefixOf = ({ userId, cadenceId, generation }: CopyScope): string =>
	`${userId}/${cadenceId}/${generation}/`;
const aside = (key: string, scope: CopyScope): string =>
	`${scope.userId}/${scope.cadenceId}/${refusedPart}/${key.slice(prefixOf(scope).length)}`;

/**
 * Unsaved edits of earlier tabs come back, and those of this one are kept until they are stored (COL-2). Answers how
 * to stop.
 */
export function guardUnsaved(connection: Connection, store: CopyStore, scope: CopyScope): () => void {
	let isOver = false;
	let stop = () => undefined as void;
	void restoreOfflineCopies(connection.doc, store, scope).then((restored) => {
		if (!isOver) stop = keepOfflineCopy(connection, store, scope, restored);
	});
	return () => {
		isOver = true;
		stop();
	};
}

/** Puts what earlier tabs could not store into the document. Answers the copies' keys. */
export async function restoreOfflineCopies(
	doc: Y.Doc,
	store: CopyStore,
	scope: CopyScope
): Promise<string[]> {
	const copies = await store.list(prefixOf(scope));
	if (!doc.isDestroyed) for (const { bytes } of copies) Y.applyUpdate(doc, bytes, 'offline copy');
	return copies.map(({ key }) => key);
}

/**
 * Keeps a copy while something is unsaved and drops it, and the restored ones, when all is stored. A connection that
 * was closed for good keeps its copy: it is offered as steps to paste (VER-6, olderCopies.ts), also when an edit was
 * refused, for put back by itself it would close every page that opens. Answers how to stop.
 */
export function keepOfflineCopy(
	connection: Connection,
	store: CopyStore,
	scope: CopyScope,
	restored: readonly string[] = []
): () => void {
	const { doc } = connection;
	/** Own edits from this clock on are unsaved: the key says so, for a draft that was replaced meanwhile. */
	let base = 0;
	let own = '';
	let stale = new Set(restored);
	let isKept = false;
	let isRefused = false;
	let timer: ReturnType<typeof setTimeout> | null = null;

	const write = () => {
		timer = null;
		if (!connection.state.unsaved) return;
		if (!isKept) own = `${prefixOf(scope)}${doc.clientID}.${base}`;
		isKept = true;
		void store.put(isRefused ? aside(own, scope) : own, Y.encodeStateAsUpdate(doc));
	};
	const setAside = async () => {
		const keys = isKept ? [own, ...stale] : [...stale];
		isRefused = true;
		write();
		for (const key of stale) await store.put(aside(key, scope), Y.encodeStateAsUpdate(doc));
		for (const key of keys) await store.remove(key);
	};
	const onUpdate = () => {
		timer ??= setTimeout(write, WRITE_MS);
	};
	const unsubscribe = connection.subscribe((state) => {
		if (state.status === 'closed' && isRefusedEdit(state.code) && !isRefused) void setAside();
		if (state.status !== 'saved') return;
		for (const key of isKept ? [own, ...stale] : stale) void store.remove(key);
		stale = new Set();
		isKept = false;
		base = Y.getState(doc.store, doc.clientID);
	});
	doc.on('update', onUpdate);
	return () => {
		unsubscribe();
		doc.off('update', onUpdate);
		if (timer) {
			clearTimeout(timer);
			write();
		}
	};
}
