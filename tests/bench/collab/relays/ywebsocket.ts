import { createServer } from 'node:http';
import { setPersistence, setupWSConnection } from '@y/websocket-server/utils';
import { WebSocketServer } from 'ws';
import * as Y from 'yjs';
import { openPlainStore } from './plainStore.ts';
import type { StartRelay } from './names.ts';

/** @y/websocket-server as its README sets it up, with the newer `ws`. */
export const start: StartRelay = async (databaseUrl) => {
	const store = openPlainStore(databaseUrl);
	setPersistence({
		provider: null,
		bindState: async (name: string, doc: Y.Doc) => {
			for (const update of await store.read(name)) Y.applyUpdate(doc, update);
			doc.on('update', (update: Uint8Array) => store.add(name, update));
		},
		writeState: async () => undefined
	});
	const sockets = new WebSocketServer({ noServer: true });
	sockets.on('connection', (socket, request) => setupWSConnection(socket, request));
	return createServer().on('upgrade', (request, socket, head) =>
		sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request))
	);
};
