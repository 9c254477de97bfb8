import type { Server, ServerResponse } from 'node:http';

const LOOK_EVERY_MS = 100;

/** An open page keeps one for its live events: by itself it would go on for minutes. */
const isEventStream = (res: ServerResponse) =>
	String(res.getHeader('content-type')).startsWith('text/event-stream');

/**
 * OPS-3: how to stop `server`: nothing new is taken, what was asked is answered, and event streams, which no answer ends,
 * are ended; pages connect them again elsewhere. Resolves when the last connection is closed.
 */
export function drainable(server: Server): () => Promise<void> {
	const open = new Set<ServerResponse>();
	server.on('request', (_req, res) => {
		open.add(res);
		res.on('close', () => open.delete(res));
	});
	return async () => {
		// A stream may begin, and a connection become idle, while others are still being answered.
		const look = setInterval(() => {
			for (const res of open) if (isEventStream(res)) res.end();
			server.closeIdleConnections();
		}, LOOK_EVERY_MS);
		await new Promise<void>((done) => server.close(() => done()));
		clearInterval(look);
	};
}
