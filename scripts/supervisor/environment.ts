import { loadConfig, setConfig } from '../../src/lib/server/config.ts';
import type { DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';
import { ownerRole, webRole, workerRole } from '../../src/lib/server/db/bootstrap.ts';
import type { Cluster } from '../postgres/cluster.ts';
import { keptSecret } from './dataFolder.ts';

type Env = NodeJS.ProcessEnv;
const databaseName = 'cadenza';

/** The three logins in the embedded cluster, with passwords kept beside the data. */
export async function embeddedUrls(cluster: Cluster, data: string): Promise<DatabaseUrls> {
	const url = async (role: string) => {
		const password = encodeURIComponent(await keptSecret(data, `password-${role}`));
		return `postgres://${role}:${password}@127.0.0.1:${cluster.port}/${databaseName}`;
	};
	return { owner: await url(ownerRole), web: await url(webRole), worker: await url(workerRole) };
}

/** The person's own PostgreSQL: null for the one that comes along. Half of it would be mixed up with ours. */
export function ownDatabase(env: Env): DatabaseUrls | null {
	const { DATABASE_URL: web, DATABASE_WORKER_URL: worker, DATABASE_MIGRATE_URL: owner } = env;
	if (web && worker && owner) return { web, worker, owner };
	if (!web && !worker && !owner) return null;
	const missing = Object.entries({
		DATABASE_URL: web,
		DATABASE_WORKER_URL: worker,
		DATABASE_MIGRATE_URL: owner
	}).flatMap(([name, value]) => (value ? [] : [name]));
	throw new Error(
		`Your own PostgreSQL needs three logins, of the app, of the worker and of the owner of the tables: set ${missing.join(' and ')} too (README, "Your own PostgreSQL"), or none of the three to use the one that comes along.`
	);
}

export interface Given {
	data: string;
	port: number;
	urls: DatabaseUrls;
	smtpUrl: string | null;
	whatsappUrl: string | null;
	inboundPort: number;
}

/** Refuses a wrong setting before anything is started, let alone created; gaps that we fill count as filled. */
export function checkSettings(env: Env): void {
	ownDatabase(env);
	const filled = {
		DATABASE_URL: 'postgres://a@b/c',
		DATABASE_WORKER_URL: 'postgres://a@b/c',
		SMTP_URL: 'smtp://127.0.0.1',
		SECRET_KEY: Buffer.alloc(32).toString('base64')
	};
	const set = Object.fromEntries(
		Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
	);
	loadConfig({ ...filled, ...set });
}

/**
 * What the children get: the person's own settings first, ours where they left a gap. Checked as a whole here, so that
 * a wrong value is refused before anything starts.
 */
export async function childEnvironment(env: Env, given: Given): Promise<Env> {
	const defaults: Env = {
		ORIGIN: `http://localhost:${given.port}`,
		SECRET_KEY: env.SECRET_KEY || (await keptSecret(given.data, 'secret-key')),
		INBOUND_SMTP_PORT: String(given.inboundPort),
		NODE_ENV: 'production',
		DATABASE_URL: given.urls.web,
		DATABASE_WORKER_URL: given.urls.worker,
		DATABASE_MIGRATE_URL: given.urls.owner,
		// These may live on this machine because the operator names them; nobody else's address may lead there.
		...(given.smtpUrl && { SMTP_URL: given.smtpUrl }),
		...(given.whatsappUrl && { WHATSAPP_BASE_URL: given.whatsappUrl })
	};
	const set = Object.fromEntries(
		Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
	);
	// PORT=0 asks for any free one: all have to know which one it became.
	const merged: Env = { ...defaults, ...set, PORT: String(given.port) };
	// The demo is filled by this very process.
	setConfig(loadConfig(merged));
	// Only the migrating process may own the tables.
	delete merged.DATABASE_MIGRATE_URL;
	return merged;
}
