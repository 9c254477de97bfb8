import type { CopyStore } from './offlineCopy.ts';

const TABLE = 'copies';

/** The browser's own database. Where it is switched off (private windows), nothing is kept and nothing fails. */
export function createOfflineStore(name = 'cadenza-drafts'): CopyStore {
	const opened = open(name).catch(() => null);
	const run = async <T>(
		mode: IDBTransactionMode,
		work: (table: IDBObjectStore) => IDBRequest<T>
	): Promise<T | null> => {
		const db = await opened;
		return db && settle(work(db.transaction(TABLE, mode).objectStore(TABLE))).catch(() => null);
	};
	return {
		put: async (key, bytes) => void (await run('readwrite', (table) => table.put(bytes, key))),
		remove: async (key) => void (await run('readwrite', (table) => table.delete(key))),
		list: async (prefix) => {
			const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
			const keys = (await run('readonly', (table) => table.getAllKeys(range))) ?? [];
			const values = ((await run('readonly', (table) => table.getAll(range))) ?? []) as Uint8Array[];
			return values.map((bytes, index) => ({ key: String(keys[index]), bytes }));
		}
	};
}

function open(name: string): Promise<IDBDatabase> {
	const request = indexedDB.open(name, 1);
	request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
	return settle(request);
}

const settle = <T>(request: IDBRequest<T>): Promise<T> =>
	new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('IndexedDB refused.'));
	});
