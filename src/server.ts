import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { handleInbound } from '#lib/server/inbox/handler.ts';
import { drainSockets, handleUpgrade } from '#lib/server/collab/server.ts';
import { getConfig, ConfigError } from '#lib/server/config.ts';
import { assertSafeLogin } from '#lib/server/db/checkLogin.ts';
import { closeWebDb, getWebDb } from '#lib/server/db/pools.ts';
import { drainable } from '#lib/server/operations/drainServer.ts';
import { handleOperations, setDraining } from '#lib/server/operations/handleOperations.ts';
import { getLog } from '#lib/server/log.ts';
import { acceptsBody, canonicalAddress } from '#lib/server/requestGuards.ts';

type KitHandler = (req: IncomingMessage, res: ServerResponse, next?: () => void) => void;

const DRAIN_MS = 15_000;

try {
	await main();
} catch (error) {
	process.stderr.write(
		`${error instanceof ConfigError || error instanceof Error ? error.message : String(error)}\n`
	);
	process.exit(1);
}

async function main(): Promise<void> {
	const config = getConfig();
	await assertSafeLogin(getWebDb());
	// adapter-node reads its settings when it is imported. Imports of 100,000 rows are larger than its 512 kB; what
	// other paths may send is held down by acceptsBody.
	process.env.ORIGIN = config.ORIGIN;
	process.env.BODY_SIZE_LIMIT = '68M';
	// The name is computed so that type checks and tests do not need a build.
	const folder = process.env.CADENZA_BUILD || 'build/manual';
	const built = new URL(`../${folder}/handler.js`, import.meta.url).href;
	const { handler } = (await import(built)) as { handler: KitHandler };

	const server = createServer((req, res) => {
		if (handleOperations(req, res) || handleInbound(req, res)) return;
		const better = canonicalAddress(req, config.ORIGIN);
		if (better) return void res.writeHead(307, { location: better, 'cache-control': 'no-store' }).end();
		if (!acceptsBody(req))
			return void res.writeHead(413, { connection: 'close' }).end('The request is too large.');
		handler(req, res);
	});
	const drain = drainable(server);
	server.on('upgrade', (req, socket, head) => {
		if (req.url?.startsWith('/collab/')) handleUpgrade(req, socket, head);
		else socket.destroy();
	});
	server.listen(config.PORT, config.HOST, () => {
		getLog().info({ host: config.HOST, port: config.PORT, origin: config.ORIGIN }, 'listening');
	});
	server.on('error', (error) => {
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	});

	let stopping = false;
	const stop = async (signal: string) => {
		if (stopping) return;
		stopping = true;
		setDraining();
		getLog().info({ signal }, 'draining');
		const hard = setTimeout(() => process.exit(1), DRAIN_MS);
		hard.unref();
		await Promise.all([drain(), drainSockets()]);
		await closeWebDb();
		getLog().info('stopped');
		process.exit(0);
	};
	process.on('SIGTERM', () => void stop('SIGTERM'));
	process.on('SIGINT', () => void stop('SIGINT'));
}
