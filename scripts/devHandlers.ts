import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';

type Handler = (req: IncomingMessage, res: ServerResponse) => boolean;

/** In `npm run dev`, what src/server.ts does in front of the pages: health, webhooks, tracking, unsubscribe. */
export function devHandlers(): Plugin {
	return {
		name: 'cadenza-dev-handlers',
		apply: 'serve',
		configureServer(server) {
			if (process.env.VITEST) return;
			server.middlewares.use((req, res, next) => {
				void Promise.all([
					server.ssrLoadModule('/src/lib/server/operations/handleOperations.ts'),
					server.ssrLoadModule('/src/lib/server/inbox/handler.ts')
				])
					.then(([operations, inbox]) => {
						const handleOperations = operations.handleOperations as Handler;
						const handleInbound = inbox.handleInbound as Handler;
						if (!handleOperations(req, res) && !handleInbound(req, res)) next();
					})
					.catch(next);
			});
		}
	};
}
