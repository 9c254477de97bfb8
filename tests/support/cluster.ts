import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { startCluster, type Cluster } from '../../scripts/postgres/cluster.ts';
import {
	bootstrapDatabase,
	migrateDatabase,
	ownerRole,
	webRole,
	workerRole
} from '../../src/lib/server/db/bootstrap.ts';
import type { DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';
import { migrateQueue } from '../../worker/migrate.ts';

const PREFIX = 'cadenza-test-';
export const templateName = 'cadenza_template';

export interface TestCluster {
	adminUrl: string;
	port: number;
	/** Holds data, log and port. */
	folder: string;
	stop: () => Promise<void>;
}

/** The three logins of a database of the test cluster. */
export function urlsOf(port: number, database: string): DatabaseUrls {
	const url = (role: string) => `postgres://${role}:${role}@127.0.0.1:${port}/${database}`;
	return { owner: url(ownerRole), web: url(webRole), worker: url(workerRole) };
}

/**
 * A PostgreSQL of its own in the temp folder with one migrated template database (1 s in all). Benchmarks ask for one
 * that keeps what it confirms, as in production.
 */
export async function startTestCluster(
	options: { durable?: boolean; settings?: string[] } = {}
): Promise<TestCluster> {
	await removeAbandoned();
	const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
	await chmod(folder, 0o755); // user postgres must pass through
	const cluster = await startCluster({
		folder: join(folder, 'pg'),
		durable: options.durable ?? false,
		settings: options.settings ?? []
	});
	const stop = async () => {
		await cluster.stop();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await createTemplate(cluster);
	} catch (error) {
		await stop();
		throw error;
	}
	return { adminUrl: cluster.adminUrl, port: cluster.port, folder: join(folder, 'pg'), stop };
}

async function createTemplate(cluster: Cluster): Promise<void> {
	const urls = urlsOf(cluster.port, templateName);
	await bootstrapDatabase(cluster.adminUrl, urls);
	await migrateDatabase(urls, migrateQueue);
	const sql = postgres(cluster.adminUrl, { max: 1 });
	await sql.unsafe(`alter database ${templateName} is_template true allow_connections false`);
	await sql.end();
}

/** Clusters of runs that were killed: their folder names the process that made them. */
async function removeAbandoned(): Promise<void> {
	for (const name of await readdir(tmpdir())) {
		const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : 0;
		if (!pid || isAlive(pid)) continue;
		const folder = join(tmpdir(), name, 'pg');
		await startCluster({ folder, durable: false })
			.then((cluster) => cluster.stop())
			.catch(() => undefined);
		await rm(join(tmpdir(), name), { recursive: true, force: true });
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
