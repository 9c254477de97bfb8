import { getConfig } from '../config.ts';
import { createDb, type Db } from './client.ts';

const holder = globalThis as { [key: symbol]: Db | undefined };
const key = Symbol.for('cadenza.db.web');

/** The web pool of this process: one for Kit's bundle, src/server.ts and collaboration together. */
export function getWebDb(): Db {
	const { DATABASE_URL, DATABASE_POOL } = getConfig();
	return (holder[key] ??= createDb(DATABASE_URL, {
		name: 'cadenza-web',
		max: DATABASE_POOL,
		waitMs: 4_000
	}));
}

/** Ends the pool; the last step of a shutdown. */
export async function closeWebDb(): Promise<void> {
	const db = holder[key];
	holder[key] = undefined;
	await db?.$client.end({ timeout: 5 });
}
