import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Sink = {
	url: string;
	logFile: string;
	/** Mails received in full so far (20 ms old at most). */
	received: () => number;
	noteKill: (pid: number) => void;
	/** Ends the process; its log is complete then. */
	stop: () => Promise<void>;
	/** Stops it and removes its log. */
	remove: () => Promise<void>;
};

/** A relay in a process of its own that keeps a log for a judge (sinkProcess.ts). */
export async function startSink(options: { delayMs?: number } = {}): Promise<Sink> {
	const folder = await mkdtemp(join(tmpdir(), 'cadenza-sink-'));
	const logFile = join(folder, 'sink.jsonl');
	writeFileSync(logFile, '');
	const child = fork(new URL('./sinkProcess.ts', import.meta.url), [logFile, String(options.delayMs ?? 0)], {
		execArgv: [],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc']
	});
	let received = 0;
	const port = await new Promise<number>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`The mail sink ended with ${code}.`)));
		child.on('message', (message: { port?: number; received?: number }) => {
			received = message.received ?? received;
			if (message.port) resolve(message.port);
		});
	});
	const stop = async () => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		const ended = new Promise((done) => child.once('exit', done));
		child.send('stop');
		await ended;
	};
	return {
		url: `smtp://127.0.0.1:${port}`,
		logFile,
		received: () => received,
		noteKill: (pid) => void child.send({ kill: pid }),
		stop,
		remove: async () => {
			await stop();
			await rm(folder, { recursive: true, force: true });
		}
	};
}
