import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getConfig } from '../config.ts';
import type { Db } from '../db/client.ts';
import { getWebDb } from '../db/pools.ts';
import { isReady } from './isReady.ts';
import { registerLoad } from './registerLoad.ts';
import { metrics } from './registry.ts';

const shared = globalThis as { [key: symbol]: boolean | undefined };
const draining = Symbol.for('cadenza.draining');

/** From now on /readyz says no: a load balancer sends nothing more. */
export const setDraining = (): void => {
	shared[draining] = true;
};

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** OPS-3: /healthz (the process lives), /readyz (it can serve), /metrics (Prometheus). False: not one of ours. */
export function handleOperations(
	req: IncomingMessage,
	res: ServerResponse,
	getDb: () => Db = getWebDb
): boolean {
	const path = req.url?.split('?')[0];
	if (path === '/healthz') reply(res, 200, 'ok');
	else if (path === '/readyz')
		void readiness(getDb).then((ready) => reply(res, ready ? 200 : 503, ready ? 'ready' : 'not ready'));
	else if (path === '/metrics') {
		if (!mayRead(req)) reply(res, 404, 'Not found');
		else {
			registerLoad(getDb);
			void metrics()
				.metrics()
				.then(
					(text) => reply(res, 200, text),
					() => reply(res, 500, 'The metrics could not be read.')
				);
		}
	} else return false;
	return true;
}

const readiness = async (getDb: () => Db) => !shared[draining] && (await isReady(getDb()));

/**
 * Figures are for the operator: with the token of METRICS_TOKEN from anywhere; without one only from this machine, and
 * not through a proxy that forwards strangers.
 */
function mayRead(req: IncomingMessage): boolean {
	const token = getConfig().METRICS_TOKEN;
	if (token === undefined)
		return loopback.has(req.socket.remoteAddress ?? '') && !req.headers['x-forwarded-for'];
	const [given, wanted] = [Buffer.from(req.headers.authorization ?? ''), Buffer.from(`Bearer ${token}`)];
	return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function reply(res: ServerResponse, status: number, text: string): void {
	res
		.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
		.end(text);
}
