import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Plugin } from 'vite';

type HandleUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** The collaboration socket of `npm run dev`. Vite's own upgrades (hot reload) are left alone. */
export function collabDev(): Plugin {
	return {
		name: 'cadenza-collab',
		apply: 'serve',
		configureServer(server) {
			server.httpServer?.on('upgrade', (req, socket, head) => {
				if (!req.url?.startsWith('/collab/')) return;
				socket.on('error', () => socket.destroy());
				server
					.ssrLoadModule('/src/lib/server/collab/server.ts')
					.then((module) => (module.handleUpgrade as HandleUpgrade)(req, socket, head))
					.catch((error: unknown) => {
						server.config.logger.error(`collaboration: ${String(error)}`);
						socket.destroy();
					});
			});
		}
	};
}
