import { createServer } from 'node:http';
import type { Logger } from 'pino';
import type { Config } from '#lib/server/config.ts';
import type { Db } from '#lib/server/db/client.ts';
import { handleOperations } from '#lib/server/operations/handleOperations.ts';

/** OPS-3: the worker's own /healthz, /readyz and /metrics on WORKER_PORT; nothing when that is 0. */
export function listenForOperations(
	db: Db,
	{ HOST, WORKER_PORT }: Pick<Config, 'HOST' | 'WORKER_PORT'>,
	log: Logger
): () => Promise<void> {
	if (WORKER_PORT === 0) return async () => undefined;
	const server = createServer((req, res) => {
		if (!handleOperations(req, res, () => db)) res.writeHead(404).end('Not found');
	});
	// Another worker of this machine may have the port: its work matters more than its page.
	server.on('error', (error) => log.warn({ error, port: WORKER_PORT }, 'no operations page'));
	server.listen(WORKER_PORT, HOST, () => log.info({ port: WORKER_PORT }, 'operations page'));
	return () =>
		new Promise((done) => {
			if (!server.listening) return done();
			server.closeAllConnections();
			server.close(() => done());
		});
}
