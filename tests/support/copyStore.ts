import type { CopyStore } from '../../src/lib/collab/offlineCopy.ts';

/** A browser's own database, in memory. */
export function openCopies(): { copies: Map<string, Uint8Array>; store: CopyStore } {
	const copies = new Map<string, Uint8Array>();
	const store: CopyStore = {
		put: async (key, bytes) => void copies.set(key, bytes),
		remove: async (key) => void copies.delete(key),
		list: async (prefix) =>
			[...copies].filter(([key]) => key.startsWith(prefix)).map(([key, bytes]) => ({ key, bytes }))
	};
	return { copies, store };
}
