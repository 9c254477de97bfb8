import { join } from 'node:path';
import { tendIndexes } from '../../src/lib/server/views/tendIndexes.ts';
import { migrateQueue } from '../../worker/migrate.ts';
import { bootstrapDatabase, migrateDatabase, type DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';
import { startCluster, type Cluster } from '../postgres/cluster.ts';
import { chooseInboundPort, choosePort, localAddress } from './addresses.ts';
import { describeProduct } from './banner.ts';
import { ensureBuild } from './build.ts';
import { keepRunning, type Child } from './children.ts';
import { clusterFolder, dataFolder, projectFolder } from './dataFolder.ts';
import { dropUnfinishedDemo, ensureDemo } from './demo.ts';
import { checkSettings, childEnvironment, embeddedUrls, ownDatabase } from './environment.ts';
import { takeLock } from './lock.ts';
import { startMailCatcher } from './mailCatcher.ts';
import { pointDemoAt, startStandIn } from './whatsappStandIn.ts';
import { writeRunning } from './running.ts';

export interface StartOptions {
	dev: boolean;
	env: NodeJS.ProcessEnv;
	say: (line: string) => void;
}

const READY_WITHIN_MS = 60_000;

/** OPS-1: everything that `npm start` runs, in order; on failure or stop in the opposite order. */
export async function startProduct({ dev, env, say }: StartOptions): Promise<{ stop: () => Promise<void> }> {
	const undo: (() => Promise<void> | void)[] = [];
	const stop = async () => {
		for (const step of undo.splice(0).toReversed()) await step();
	};
	checkSettings(env);
	try {
		const data = dataFolder(env);
		undo.push(await takeLock(data));
		const port = await choosePort(env);
		const inboundPort = await chooseInboundPort(env);

		let logins = ownDatabase(env);
		let cluster: Cluster | null = null;
		if (!logins) {
			cluster = await startCluster({ folder: clusterFolder(data), durable: true });
			undo.push(cluster.stop);
			if (cluster.adopted) say('Found PostgreSQL still running from last time; going on with it.');
			logins = await embeddedUrls(cluster, data);
		}
		const mail = env.SMTP_URL ? null : await startMailCatcher();
		if (mail) undo.push(mail.stop);

		const origin = env.ORIGIN || `http://localhost:${port}`;
		const standIn = env.WHATSAPP_BASE_URL ? null : await startStandIn(data, origin);
		if (standIn) undo.push(standIn.stop);

		const given = {
			data,
			port,
			inboundPort,
			urls: logins,
			smtpUrl: mail?.smtpUrl ?? null,
			whatsappUrl: standIn?.account.baseUrl ?? null
		};
		const childEnv = await childEnvironment(env, given);
		if (cluster) {
			await dropUnfinishedDemo(cluster.adminUrl, logins, data);
			await bootstrapDatabase(cluster.adminUrl, logins);
		}
		await migrateDatabase(logins, migrateQueue);
		const signIns = await ensureDemo(logins, data, standIn?.account ?? null, say);
		if (standIn) await pointDemoAt(logins.owner, standIn.account.baseUrl);

		if (!dev) childEnv.CADENZA_BUILD = await ensureBuild(say);
		const children = startChildren(dev, childEnv, data, port, say);
		undo.push(keepIndexes(logins));
		undo.push(async () => {
			await Promise.all(children.map((child) => child.stop()));
		});
		await waitUntilReady(
			`${localAddress(childEnv.HOST, port)}${dev ? '/login' : '/readyz'}`,
			join(data, 'log')
		);
		const logFolder = join(data, 'log');
		undo.push(
			await writeRunning(data, {
				pid: process.pid,
				origin,
				mailPage: mail?.webUrl ?? null,
				whatsappPage: standIn?.account.baseUrl ?? null,
				smtpUrl: childEnv.SMTP_URL ?? '',
				inboundPort,
				logins,
				logFolder,
				children: Object.fromEntries(children.map((child) => [child.name, child.pid() ?? 0]))
			})
		);
		say(
			describeProduct({
				origin,
				mailPage: mail?.webUrl ?? null,
				whatsappPage: standIn?.account.baseUrl ?? null,
				inboundPort,
				logFolder,
				signIns
			})
		);
		return { stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

const TEND_EVERY_MS = 600_000;

/** Only this process has the login of the tables' owner. A failure costs speed alone; the next turn tries again. */
function keepIndexes(logins: DatabaseUrls): () => void {
	const timer = setInterval(() => void tendIndexes(logins).catch(() => undefined), TEND_EVERY_MS);
	timer.unref();
	return () => clearInterval(timer);
}

/**
 * Half of what Node would give to what lives shortly, and what lives longer may grow to 128 MB or three times what is in
 * use before it is cleared away: a pass leaves garbage there, of which Node would gather twice as much.
 * `npm run bench` is given the same (package.json).
 */
const workerHeap = ['--max-semi-space-size=16', '--initial-old-space-size=128', '--heap-growing-percent=200'];

function startChildren(
	dev: boolean,
	env: NodeJS.ProcessEnv,
	data: string,
	port: number,
	say: (line: string) => void
): Child[] {
	const logFolder = join(data, 'log');
	const vite = join(projectFolder, 'node_modules/vite/bin/vite.js');
	const host = env.HOST || '127.0.0.1';
	const app = dev ? [vite, 'dev', '--port', String(port), '--host', host] : ['src/server.ts'];
	const appEnv = { ...env, ...(dev && { NODE_ENV: 'development' }) };
	const worker = [...workerHeap, 'worker/main.ts'];
	return [
		keepRunning({ name: 'app', command: app, env: appEnv, logFolder, screen: dev }, say),
		keepRunning({ name: 'worker', command: worker, env, logFolder, screen: dev }, say)
	];
}

async function waitUntilReady(url: string, logFolder: string): Promise<void> {
	const deadline = Date.now() + READY_WITHIN_MS;
	for (;;) {
		const ready = await fetch(url, { redirect: 'manual' })
			.then((response) => response.status < 400)
			.catch(() => false);
		if (ready) return;
		if (Date.now() > deadline) throw new Error(`The app did not become ready. Its log is in ${logFolder}.`);
		await new Promise((done) => setTimeout(done, 150));
	}
}
