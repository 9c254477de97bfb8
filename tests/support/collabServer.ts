import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket as NodeSocket } from 'ws';
import * as Y from 'yjs';
import { Connection, type ConnectionOptions } from '../../src/lib/collab/connection.ts';
import { createCollab, type Collab, type CollabOptions } from '../../src/lib/server/collab/collab.ts';
import { createDb } from '../../src/lib/server/db/client.ts';

export const testOrigin = 'http://cadenza.test';

export type TestServer = {
	collab: Collab;
	port: number;
	errors: unknown[];
	close: () => Promise<void>;
};

/** A real collaboration server with its own pool, on a port of its own. */
export async function startCollab(
	databaseUrl: string,
	options: Partial<CollabOptions> = {}
): Promise<TestServer> {
	const db = createDb(databaseUrl, { name: 'test-collab', max: 4 });
	const errors: unknown[] = [];
	const collab = createCollab({ db, origin: testOrigin, onError: (error) => errors.push(error), ...options });
	const server = createServer((_req, res) => res.writeHead(404).end());
	server.on('upgrade', collab.handleUpgrade);
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const close = async () => {
		await collab.drain();
		server.closeAllConnections();
		await new Promise((done) => server.close(done));
		await db.$client.end({ timeout: 2 });
	};
	return { collab, port: (server.address() as AddressInfo).port, errors, close };
}

export type Target = {
	port: number;
	cadenceId: string;
	generation?: number | undefined;
	origin?: string;
};

/** A page: document and connection, as the canvas makes them. */
export function openPage(
	{ port, cadenceId, generation = 1, origin = testOrigin }: Target,
	user: { cookie: string },
	canEdit = true,
	doc = new Y.Doc(),
	onNews: ConnectionOptions['onNews'] = () => undefined
): Connection {
	class SocketWithCookie extends NodeSocket {
		constructor(url: string) {
			super(url, { headers: { cookie: user.cookie, origin } });
		}
	}
	return new Connection({
		doc,
		url: `ws://127.0.0.1:${port}/collab`,
		cadenceId,
		generation,
		canEdit,
		onNews,
		WebSocketPolyfill: SocketWithCookie as unknown as typeof WebSocket
	});
}

export type RawSocket = {
	ws: NodeSocket;
	received: Buffer[];
	/** Resolves with the close code, or the HTTP status of a refused upgrade. */
	closed: Promise<number>;
	opened: Promise<void>;
};

/** A socket that says whatever it likes. */
export function openRaw(
	{ port, cadenceId, generation = 1 }: Target,
	headers: Record<string, string>,
	query = `generation=${generation}`
): RawSocket {
	const ws = new NodeSocket(`ws://127.0.0.1:${port}/collab/${cadenceId}?${query}`, { headers });
	const received: Buffer[] = [];
	ws.on('message', (data: Buffer) => received.push(data));
	const closed = new Promise<number>((done) => {
		ws.on('close', (code) => done(code));
		ws.on('unexpected-response', (_req, res) => {
			done(res.statusCode ?? 0);
			ws.terminate();
		});
		ws.on('error', () => undefined);
	});
	const opened = new Promise<void>((done) => ws.on('open', () => done()));
	return { ws, received, closed, opened };
}

/** Waits until `look` is true. */
export async function until(look: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
	const end = Date.now() + ms;
	while (!(await look())) {
		if (Date.now() > end) throw new Error(`Not so within ${ms} ms: ${look.toString()}`);
		await new Promise((done) => setTimeout(done, 5));
	}
}
