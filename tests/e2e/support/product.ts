import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, chmod, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../scripts/postgres/cluster.ts';
import { readRunning, type Running } from '../../../scripts/supervisor/running.ts';

export interface Product extends Running {
	data: string;
	process: ChildProcess;
	/** Ends it as Ctrl-C does; resolves to its exit code. */
	stop: () => Promise<number | null>;
}

const START_WITHIN_MS = 400_000; // the first start builds the pages

/** A folder for the data of one product, reachable by user postgres. */
export async function productFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'cadenza-e2e-'));
	await chmod(folder, 0o755);
	return folder;
}

/** `npm start` on free ports with data of its own. */
export async function startProduct(data: string, env: Record<string, string> = {}): Promise<Product> {
	const { ORIGIN: _origin, SMTP_URL: _relay, ...rest } = process.env;
	const {
		DATABASE_URL: _web,
		DATABASE_WORKER_URL: _worker,
		DATABASE_MIGRATE_URL: _owner,
		...inherited
	} = rest;
	await rm(join(data, 'running.json'), { force: true });
	const child = spawn(process.execPath, ['scripts/start.ts'], {
		env: {
			...inherited,
			CADENZA_DATA: data,
			PORT: String(await freePort(0)),
			INBOUND_SMTP_PORT: String(await freePort(0)),
			...env
		},
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let output = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const ended = new Promise<number | null>((done) => child.once('exit', done));
	const deadline = Date.now() + START_WITHIN_MS;
	for (;;) {
		const running = await readRunning(data);
		if (running?.pid === child.pid && running) {
			const stop = () => {
				child.kill('SIGTERM');
				return ended;
			};
			return { ...running, data, process: child, stop };
		}
		if (child.exitCode !== null || Date.now() > deadline) {
			child.kill('SIGTERM');
			const log = await readFile(join(data, 'log/app.log'), 'utf8').catch(() => '');
			throw new Error(`The product did not start:\n${output.slice(-3000)}\n${log.slice(-3000)}`);
		}
		await new Promise((done) => setTimeout(done, 100));
	}
}
