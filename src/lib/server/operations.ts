import type { IncomingMessage, ServerResponse } from 'node:http';
import { sql } from 'drizzle-orm';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { getWebDb } from './db/pools.ts';

const shared = globalThis as { [key: symbol]: { registry: Registry; draining: boolean } | undefined };
const key = Symbol.for('cadenza.operations');

function state() {
	const existing = shared[key];
	if (existing) return existing;
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	return (shared[key] = { registry, draining: false });
}

/** Where every module registers its metrics: one per process, whichever copy of the modules asks. */
export const metrics = (): Registry => state().registry;

/** From now on /readyz says no: a load balancer sends nothing more. */
export const setDraining = (): void => {
	state().draining = true;
};

const READY_WITHIN_MS = 2_000;
const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** OPS-3: /healthz (the process lives), /readyz (it can serve), /metrics (Prometheus). False: not one of ours. */
export function handleOperations(req: IncomingMessage, res: ServerResponse): boolean {
	const path = req.url?.split('?')[0];
	if (path === '/healthz') reply(res, 200, 'ok');
	else if (path === '/readyz')
		void isReady().then((ready) => reply(res, ready ? 200 : 503, ready ? 'ready' : 'not ready'));
	else if (path === '/metrics') {
		// Figures are for the operator: only from this machine, and not through a proxy that forwards strangers.
		const near = loopback.has(req.socket.remoteAddress ?? '') && !req.headers['x-forwarded-for'];
		if (!near) reply(res, 404, 'Not found');
		else
			void metrics()
				.metrics()
				.then((text) => reply(res, 200, text));
	} else return false;
	return true;
}

async function isReady(): Promise<boolean> {
	if (state().draining) return false;
	const late = new Promise<boolean>((done) => setTimeout(() => done(false), READY_WITHIN_MS).unref());
	const asked = getWebDb()
		.execute(sql`select 1`)
		.then(() => true)
		.catch(() => false);
	return Promise.race([asked, late]);
}

function reply(res: ServerResponse, status: number, text: string): void {
	res
		.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
		.end(text);
}
