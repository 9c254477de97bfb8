import type { IncomingMessage } from 'node:http';
import type { Config } from '../config.ts';

/** The client's address as adapter-node sees it: with a trusted proxy, the header it sets. */
export function clientAddress(
	req: IncomingMessage,
	{ ADDRESS_HEADER, XFF_DEPTH }: Pick<Config, 'ADDRESS_HEADER' | 'XFF_DEPTH'>
): string {
	const own = req.socket.remoteAddress ?? '';
	if (!ADDRESS_HEADER) return own;
	const value = String(req.headers[ADDRESS_HEADER.toLowerCase()] ?? '');
	if (ADDRESS_HEADER.toLowerCase() !== 'x-forwarded-for') return value || own;
	return value.split(',').at(-XFF_DEPTH)?.trim() || own;
}
