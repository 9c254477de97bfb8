import type { IncomingMessage } from 'node:http';

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);
const SMALL_BODY = 1024 * 1024;
/** How the columns of a file are mapped, which is read as JSON, with the replacements of its values. */
const MAPPING_BODY = 4 * SMALL_BODY;
/** `/leads/import` takes the file itself: as large as the handler takes any body. */
const upload = /^\/[^/]+\/import\/?$/;
const belowUpload = /^\/[^/]+\/import\//;

/**
 * On one's own machine 127.0.0.1 and localhost look the same to a person but are two sites to a browser: sign-in would
 * fail on the wrong one. Where to send such a request, or null.
 */
export function canonicalAddress(req: IncomingMessage, origin: string): string | null {
	const own = new URL(origin);
	const host = req.headers.host;
	if (req.method !== 'GET' || !host || host === own.host || !loopbackNames.has(own.hostname)) return null;
	const asked = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
	if (!asked || !loopbackNames.has(asked.hostname) || asked.port !== own.port) return null;
	return `${origin}${req.url?.startsWith('/') && !req.url.startsWith('//') ? req.url : '/'}`;
}

/** Only uploads may be large; everything else is refused before a byte of it is read (RELIABILITY.md 4). */
export function acceptsBody(req: IncomingMessage): boolean {
	if (req.method === 'GET' || req.method === 'HEAD') return true;
	const path = req.url?.split('?')[0] ?? '';
	if (upload.test(path)) return true;
	const limit = belowUpload.test(path) ? MAPPING_BODY : SMALL_BODY;
	const length = req.headers['content-length'];
	return length !== undefined ? Number(length) <= limit : req.headers['transfer-encoding'] === undefined;
}
