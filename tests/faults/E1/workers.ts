import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { testEnvironment } from '../../support/config.ts';
import type { TestDatabase } from '../../support/clone.ts';
import type { Sink } from '../../support/startSink.ts';

type Worker = { child: ChildProcess; startedAt: number; ready: boolean };
export type Workers = {
	/** When the oldest worker that lives began (epoch ms). */
	oldestStart: () => number;
	/** Workers that are up; waits for the first. */
	ready: () => Promise<Worker[]>;
	/** kill -9, and another one in its place. */
	kill: (worker: Worker) => Promise<number>;
	/** All end as asked (SIGTERM), then as many new ones start. */
	replaceAll: () => Promise<void>;
	/** Processes that ended although nobody asked them to. */
	exits: () => number;
	/** Others in the place of those that died by themselves. */
	revive: (afterMs: number) => Promise<void>;
	/** How many died by themselves. */
	deaths: () => number;
	stop: () => Promise<void>;
};

const STOP_WITHIN_MS = 30_000;
const main = new URL('../../../worker/main.ts', import.meta.url);
/** No worker outlives the campaign, however that ends. */
const followParent = new URL('../../../scripts/supervisor/followParent.ts', import.meta.url).href;

const isDead = ({ child }: Worker) => child.exitCode !== null || child.signalCode !== null;

/** Worker processes as in production (worker/main.ts). */
export async function startWorkers(
	db: TestDatabase,
	sink: Pick<Sink, 'url'>,
	count: number,
	more: { env?: Record<string, string>; preloads?: string[]; silent?: boolean } = {}
): Promise<Workers> {
	const env = {
		...process.env,
		...testEnvironment(db.urls, {
			SMTP_URL: sink.url,
			INBOUND_SMTP_PORT: '0',
			LOG_LEVEL: more.silent ? 'silent' : 'error',
			...more.env
		})
	};
	let living: Worker[] = [];
	let died = 0;
	let exits = 0;
	const expected = new Set<ChildProcess>();
	const start = () => {
		const child = fork(main, {
			env,
			execArgv: [followParent, ...(more.preloads ?? [])].flatMap((file) => ['--import', file]),
			stdio: ['ignore', 'ignore', 'inherit', 'ipc']
		});
		const worker: Worker = { child, startedAt: Date.now(), ready: false };
		child.once('message', () => (worker.ready = true));
		child.once('exit', () => {
			if (!expected.has(child)) exits++;
		});
		living.push(worker);
	};
	const end = async (worker: Worker, signal: NodeJS.Signals) => {
		const { child } = worker;
		expected.add(child);
		if (child.exitCode === null && child.signalCode === null) {
			const ended = once(child, 'exit');
			child.kill(signal);
			const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
			await ended;
			clearTimeout(timer);
		}
		living = living.filter((one) => one !== worker);
	};
	const allReady = async () => {
		while (!living.every((worker) => worker.ready || isDead(worker))) await sleep(10);
	};
	const stop = async () => {
		await Promise.all(living.map((worker) => end(worker, 'SIGTERM')));
	};
	const startAll = async () => {
		for (let n = 0; n < count; n++) start();
		await allReady();
	};
	await startAll();
	return {
		oldestStart: () => Math.min(...living.map((worker) => worker.startedAt)),
		ready: async () => {
			for (;;) {
				const up = living.filter((worker) => worker.ready);
				if (up.length) return up;
				await sleep(5);
			}
		},
		kill: async (worker) => {
			await end(worker, 'SIGKILL');
			start();
			return worker.child.pid!;
		},
		exits: () => exits,
		replaceAll: async () => {
			await stop();
			await startAll();
		},
		revive: async (afterMs) => {
			const dead = living.filter(isDead);
			if (!dead.length) return;
			died += dead.length;
			await sleep(afterMs);
			living = living.filter((worker) => !dead.includes(worker));
			for (let n = 0; n < dead.length; n++) start();
		},
		deaths: () => died,
		stop
	};
}
