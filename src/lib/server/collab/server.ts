import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { getConfig } from '../config.ts';
import { createDb, type Db } from '../db/client.ts';
import { getLog } from '../log.ts';
import { createCollab, type Collab } from './collab.ts';
import { clientAddress } from './clientAddress.ts';
import { registerMetrics } from './registerMetrics.ts';

type Running = { collab: Collab; db: Db };
const holder = globalThis as { [key: symbol]: Running | undefined };
const key = Symbol.for('cadenza.collab');

/** Rooms hang on globalThis: hot reload and the two copies of this module in production share them. */
function running(): Running {
	return (holder[key] ??= start());
}

function start(): Running {
	const config = getConfig();
	// A pool of its own, so that a burst of page loads cannot hold up edits, nor the other way round.
	const db = createDb(config.DATABASE_URL, { name: 'cadenza-collab', max: 4, statementTimeoutMs: 15_000 });
	const collab = createCollab({
		db,
		origin: config.ORIGIN,
		addressOf: (req) => clientAddress(req, config),
		onError: (error) => getLog().error({ err: error }, 'collaboration')
	});
	registerMetrics(() => holder[key]?.collab ?? null);
	return { collab, db };
}

/** The upgrade of `/collab/<cadenceId>?generation=n`. Kit's handle and CSRF check never see it (RELIABILITY.md 3.2.1). */
export function handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
	running().collab.handleUpgrade(req, socket, head);
}

/** Ends every socket with 1001 once what they sent is stored; part of a shutdown. */
export async function drainSockets(): Promise<void> {
	const current = holder[key];
	holder[key] = undefined;
	await current?.collab.drain();
	await current?.db.$client.end({ timeout: 5 });
}
