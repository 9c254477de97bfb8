import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Db } from '../db/client.ts';
import { getWebDb } from '../db/pools.ts';
import { getLog } from '../log.ts';
import { handleWhatsapp } from '../channels/whatsapp/webhook.ts';
import { unknownLinkPage, unsubscribePage } from './pages.ts';
import { readBody } from './readBody.ts';
import { recordClick } from './recordClick.ts';
import { recordOpen } from './recordOpen.ts';
import { getUnsubscribe, unsubscribe } from './unsubscribe.ts';

const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const noStore = { 'cache-control': 'no-store, max-age=0', 'referrer-policy': 'no-referrer' };

/**
 * The public inbox: open pixel, click links, unsubscribe, provider webhooks. Served before SvelteKit, whose CSRF check
 * refuses one-click unsubscribes (CHANNELS.md 2). Returns false for every other path.
 */
export function handleInbound(req: IncomingMessage, res: ServerResponse, db: () => Db = getWebDb): boolean {
	const path = (req.url ?? '').split('?', 1)[0]!;
	const route = routes.find(([prefix]) => path.startsWith(prefix));
	if (!route) return false;
	const [prefix, handle] = route;
	handle(db(), path.slice(prefix.length), req, res).catch((error: unknown) => {
		getLog().error({ error, path: prefix }, 'inbox request failed');
		if (!res.headersSent) res.writeHead(503, { ...noStore, 'retry-after': '60' });
		res.end();
	});
	return true;
}

type Handle = (db: Db, rest: string, req: IncomingMessage, res: ServerResponse) => Promise<void>;

const routes: readonly [string, Handle][] = [
	['/t/o/', servePixel],
	['/t/c/', serveClick],
	['/u/', serveUnsubscribe],
	['/hooks/whatsapp', handleWhatsapp]
];

async function servePixel(db: Db, rest: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
	// The image comes in any case: a reader never sees our troubles.
	await recordOpen(db, rest.replace(/\.gif$/, ''), req).catch((error: unknown) =>
		getLog().error({ error }, 'open not recorded')
	);
	res.writeHead(200, { ...noStore, 'content-type': 'image/gif', 'content-length': pixel.length });
	res.end(req.method === 'HEAD' ? undefined : pixel);
}

async function serveClick(db: Db, rest: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
	if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(res, 405);
	const target = await recordClick(db, rest, req);
	if (!target) return html(res, 404, unknownLinkPage());
	res.writeHead(302, { ...noStore, location: target });
	res.end();
}

async function serveUnsubscribe(
	db: Db,
	rest: string,
	req: IncomingMessage,
	res: ServerResponse
): Promise<void> {
	if (req.method === 'GET' || req.method === 'HEAD') {
		const view = await getUnsubscribe(db, rest);
		return html(res, view ? 200 : 404, view ? unsubscribePage(view) : unknownLinkPage());
	}
	if (req.method !== 'POST') return refuse(res, 405);
	const body = await readBody(req, 16_384);
	if (body === null) return refuse(res, 413);
	const oneClick = body.includes('List-Unsubscribe') && body.includes('One-Click');
	const view = await unsubscribe(db, rest, oneClick ? 'one-click' : 'page');
	// Never a redirect: mail providers post without a browser.
	return html(res, view ? 200 : 404, view ? unsubscribePage(view) : unknownLinkPage());
}

function refuse(res: ServerResponse, status: number): void {
	res.writeHead(status, { ...noStore, ...(status === 405 ? { allow: 'GET, HEAD, POST' } : {}) });
	res.end();
}

function html(res: ServerResponse, status: number, body: string): void {
	res.writeHead(status, {
		...noStore,
		'content-type': 'text/html; charset=utf-8',
		'content-security-policy':
			"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		'x-content-type-options': 'nosniff'
	});
	res.end(body);
}
