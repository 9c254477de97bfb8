import { Server } from '@hocuspocus/server';
import * as Y from 'yjs';
import { openPlainStore } from './plainStore.ts';
import type { StartRelay } from './names.ts';

/** Hocuspocus as it comes. Its idle limit is raised: editors who only watch send nothing here. */
export const start: StartRelay = async (databaseUrl) => {
	const store = openPlainStore(databaseUrl);
	const { httpServer } = new Server({
		quiet: true,
		stopOnSignals: false,
		timeout: 3_600_000,
		onLoadDocument: async ({ document, documentName }) => {
			for (const update of await store.read(documentName)) Y.applyUpdate(document, update);
		},
		onChange: async ({ documentName, update }) => store.add(documentName, update)
	});
	return httpServer;
};
