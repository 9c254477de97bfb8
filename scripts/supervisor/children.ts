import { spawn, type ChildProcess } from 'node:child_process';
import { projectFolder } from './dataFolder.ts';
import { rotatingLog } from './rotatingLog.ts';

export interface ChildSpec {
	name: string;
	/** Script and its arguments, run by this same Node. */
	command: string[];
	env: NodeJS.ProcessEnv;
	/** Where its output goes; `screen` shows it. */
	logFolder: string;
	screen: boolean;
}

export interface Child {
	readonly name: string;
	pid: () => number | undefined;
	/** SIGTERM, then SIGKILL after the grace time. */
	stop: () => Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;
const GRACE_MS = 20_000;

/** Keeps one process running: started again when it ends, with growing pauses while it keeps failing. */
export function keepRunning(spec: ChildSpec, say: (line: string) => void): Child {
	const log = rotatingLog(spec.logFolder, spec.name);
	let current: ChildProcess | undefined;
	let pause = FIRST_PAUSE_MS;
	let stopping = false;
	let timer: NodeJS.Timeout | undefined;

	const start = () => {
		const startedAt = Date.now();
		log(`--- ${new Date(startedAt).toISOString()} the ${spec.name} starts\n`);
		let tail = '';
		const follow = new URL('./followParent.ts', import.meta.url).href;
		// Its own process group: Ctrl-C in the terminal reaches the supervisor alone, which stops the others in order.
		const child = spawn(process.execPath, ['--import', follow, ...spec.command], {
			cwd: projectFolder,
			env: spec.env,
			detached: true,
			stdio: ['ignore', 'pipe', 'pipe', 'ipc']
		});
		current = child;
		const take = (chunk: Buffer) => {
			log(chunk);
			if (spec.screen) process.stderr.write(chunk);
			tail = (tail + chunk.toString()).slice(-4000);
		};
		child.stdout?.on('data', take);
		child.stderr?.on('data', take);
		child.on('error', (error) => take(Buffer.from(`${error.message}\n`)));
		child.on('exit', (code, signal) => {
			current = undefined;
			if (stopping) return;
			if (Date.now() - startedAt > HEALTHY_AFTER_MS) pause = FIRST_PAUSE_MS;
			const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
			say(`The ${spec.name} ${how}; it starts again in ${pause / 1000} s.`);
			if (!spec.screen) say(lastWords(tail));
			timer = setTimeout(start, pause);
			pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
		});
	};
	start();

	const stop = async () => {
		stopping = true;
		clearTimeout(timer);
		const child = current;
		if (child && child.exitCode === null && child.signalCode === null) {
			const gone = new Promise<void>((done) => child.once('exit', () => done()));
			child.kill('SIGTERM');
			const hard = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
			await gone;
			clearTimeout(hard);
		}
	};
	return { name: spec.name, pid: () => current?.pid, stop };
}

/** The end of a log without the inner lines of stacks. */
function lastWords(output: string): string {
	const lines = output
		.trim()
		.split('\n')
		.filter((line) => line && !/^\s+at /.test(line));
	return lines
		.slice(-8)
		.map((line) => `  | ${line.slice(0, 300)}`)
		.join('\n');
}
