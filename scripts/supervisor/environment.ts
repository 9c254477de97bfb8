import { loadConfig, setConfig } from '../../src/lib/server/config.ts';
import type { DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';
import { ownerRole, webRole, workerRole } from '../../src/lib/server/db/bootstrap.ts';
import { freePort, type Cluster } from '../postgres/cluster.ts';
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

/** The port of the pages: the wanted one or a sentence why not; without a wish 3000 or any free one. */
export async function choosePort(env: Env): Promise<number> {
	const host = env.HOST || '127.0.0.1';
	if (env.PORT) {
		const port = await freePort(Number(env.PORT), host);
		if (!port) throw new Error(`Port ${env.PORT} is taken by another program. Set PORT to a free one.`);
		return port;
	}
	const port = (await freePort(3000, host)) ?? (await freePort(0, host));
	if (!port) throw new Error(`No free port on ${host}.`);
	return port;
}

export interface Given {
	data: string;
	port: number;
	urls: DatabaseUrls | null;
	smtpUrl: string | null;
	whatsappUrl: string | null;
	inboundPort: number;
}

/** Refuses a wrong setting before anything is started, let alone created; gaps that we fill count as filled. */
export function checkSettings(env: Env): void {
	const filled = {
		DATABASE_URL: 'postgres://a@b/c',
		...(!env.DATABASE_URL && { DATABASE_WORKER_URL: 'postgres://a@b/c' }),
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
		PORT: String(given.port),
		ORIGIN: `http://localhost:${given.port}`,
		SECRET_KEY: env.SECRET_KEY || (await keptSecret(given.data, 'secret-key')),
		INBOUND_SMTP_PORT: String(given.inboundPort),
		NODE_ENV: 'production',
		...(given.urls && {
			DATABASE_URL: given.urls.web,
			DATABASE_WORKER_URL: given.urls.worker,
			DATABASE_MIGRATE_URL: given.urls.owner
		}),
		// These may live on this machine because the operator names them; nobody else's address may lead there.
		...(given.smtpUrl && { SMTP_URL: given.smtpUrl }),
		...(given.whatsappUrl && { WHATSAPP_BASE_URL: given.whatsappUrl })
	};
	const set = Object.fromEntries(
		Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
	);
	const merged = { ...defaults, ...set };
	// The demo is filled by this very process.
	setConfig(loadConfig(merged));
	// Only the migrating process may own the tables.
	delete merged.DATABASE_MIGRATE_URL;
	return merged;
}
