import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { findBinaries, findRunAs, type Binaries, type RunAs } from './platform.ts';

export interface ClusterOptions {
	/** Folder for data, log, port and password; created when missing. Must be reachable by user postgres. */
	folder: string;
	/** Tests may lose their data in a power cut. */
	durable: boolean;
	/** Extra settings as `name=value`. */
	settings?: string[];
}

export interface Cluster {
	port: number;
	/** Connects as superuser to database `postgres`. */
	adminUrl: string;
	/** True when it was found running, left over by a process that was killed. */
	adopted: boolean;
	/** Ends the sessions and stops the server; about 100 ms. */
	stop: () => Promise<void>;
}

const exec = promisify(execFile);
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const START_DEADLINE_MS = 10_000;

/** Starts the PostgreSQL in `folder`, creates it first when there is none, or adopts one that still runs. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
	const { folder } = options;
	const runAs = findRunAs();
	await mkdir(folder, { recursive: true, mode: 0o755 });
	if (runAs) await chown(folder, runAs.uid, runAs.gid);
	const binaries = await findBinaries(runAs, join(folder, '..'));
	const data = join(folder, 'data');
	if (!existsSync(join(data, 'PG_VERSION'))) await initialize(binaries, folder, data, runAs);
	const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
	const adminUrl = (port: number) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
	const stop = async () => {
		await exec(binaries.pgCtl, ['-D', data, '-m', 'fast', '-w', 'stop'], { ...runAs }).catch(() => undefined);
	};

	const running = await runningPort(data);
	if (running && (await answers(adminUrl(running)))) {
		return { port: running, adminUrl: adminUrl(running), adopted: true, stop };
	}
	const deadline = Date.now() + START_DEADLINE_MS;
	for (;;) {
		// A killed server may not be reaped yet, and a port can be taken in between: both pass within seconds.
		const port = await choosePort(folder);
		const started = await run(binaries.pgCtl, startArguments(data, folder, port, options), runAs);
		if (started && (await answers(adminUrl(port)))) {
			return { port, adminUrl: adminUrl(port), adopted: false, stop };
		}
		if (Date.now() > deadline) throw new Error(await explain(folder));
		await clearStalePid(data);
		await pause(250);
	}
}

async function initialize(binaries: Binaries, folder: string, data: string, runAs: RunAs): Promise<void> {
	await rm(data, { recursive: true, force: true });
	const passwordFile = join(folder, 'password');
	await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
	if (runAs) await chown(passwordFile, runAs.uid, runAs.gid);
	await exec(
		binaries.initdb,
		[
			['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'],
			// Unicode lower() and ~* alike on every machine, whatever locales it has.
			['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
		].flat(),
		{ ...runAs, cwd: folder }
	).catch((error: Error & { stderr?: string }) => {
		throw new Error(`PostgreSQL could not create its files in ${data}: ${error.stderr || error.message}`);
	});
	await chmod(data, 0o700);
}

function startArguments(data: string, folder: string, port: number, options: ClusterOptions): string[] {
	const settings = [
		'listen_addresses=127.0.0.1',
		'unix_socket_directories=',
		'max_connections=200',
		// A table that just grew by thousands of rows is planned as if it were empty until it is analyzed.
		'autovacuum_naptime=10s',
		'timezone=UTC',
		'log_timezone=UTC',
		...(options.durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
		...(options.settings ?? [])
	];
	const flags = [`-p ${port}`, ...settings.map((setting) => `-c ${setting}`)].join(' ');
	return ['-D', data, '-w', '-l', join(folder, 'postgres.log'), '-o', flags, 'start'];
}

const run = (command: string, args: string[], runAs: RunAs) =>
	new Promise<boolean>((done) => {
		const child = spawn(command, args, { ...runAs, stdio: 'ignore' });
		child.on('error', () => done(false));
		child.on('exit', (code) => done(code === 0));
	});

async function runningPort(data: string): Promise<number | null> {
	const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
	return Number(lines[3]) || null;
}

async function answers(url: string): Promise<boolean> {
	const sql = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => undefined });
	return sql`select 1`
		.then(() => true)
		.catch(() => false)
		.finally(() => sql.end({ timeout: 1 }));
}

/** A pid file whose process is alive but is no PostgreSQL, or only its zombie, would block the start for ever. */
async function clearStalePid(data: string): Promise<void> {
	const file = join(data, 'postmaster.pid');
	const pid = (await readFile(file, 'utf8').catch(() => '')).split('\n')[0];
	if (!pid) return;
	const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => null);
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
	const zombie = stat.split(') ').pop()?.startsWith('Z');
	if (name !== null && (zombie || name.trim() !== 'postgres')) await rm(file, { force: true });
}

/** The port of last time when it is free (addresses in other tools stay right), else any free one. */
async function choosePort(folder: string): Promise<number> {
	const file = join(folder, 'port');
	const last = Number(await readFile(file, 'utf8').catch(() => '0'));
	const port = (last && (await freePort(last))) || (await freePort(0));
	if (!port) throw new Error('No free port on 127.0.0.1.');
	await writeFile(file, String(port));
	return port;
}

/**
 * `wanted`, or any free port for 0.
 * @throws the error of the system when it cannot be listened on
 */
export const probePort = (wanted: number, host = '127.0.0.1') =>
	new Promise<number>((done, fail) => {
		const probe = createServer();
		probe.on('error', fail);
		probe.listen(wanted, host, () => {
			const { port } = probe.address() as AddressInfo;
			probe.close(() => done(port));
		});
	});

/** `wanted`, or any free port for 0; null when it cannot be had. */
export const freePort = (wanted: number): Promise<number | null> => probePort(wanted).catch(() => null);

async function explain(folder: string): Promise<string> {
	const log = await readFile(join(folder, 'postgres.log'), 'utf8').catch(() => '');
	return `PostgreSQL did not start. Its last words:\n${log.trim().split('\n').slice(-8).join('\n')}`;
}
