import type { IncomingMessage, ServerResponse } from 'node:http';

/** Takes what other servers and mail readers send (webhooks, tracking, unsubscribe); false: not one of those. */
export function handlePublic(_req: IncomingMessage, _res: ServerResponse): boolean {
	return false;
}
