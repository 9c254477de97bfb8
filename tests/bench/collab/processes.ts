import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './clients.ts';
import type { RelayName } from './relays/names.ts';

const relayFile = fileURLToPath(new URL('./relay.ts', import.meta.url));
const clientsFile = fileURLToPath(new URL('./clients.ts', import.meta.url));

export type RelayProcess = { port: number; cpuUs: () => Promise<number>; stop: () => Promise<void> };

/** The next message; fails when the process ends instead. */
async function next<T>(child: ChildProcess): Promise<T> {
	const given = new AbortController();
	const { signal } = given;
	const ended = once(child, 'exit', { signal }).then(([code]) => {
		throw new Error(`A process of the benchmark ended with ${code}.`);
	});
	try {
		const [message] = await Promise.race([once(child, 'message', { signal }) as Promise<[T]>, ended]);
		return message;
	} finally {
		ended.catch(() => undefined);
		given.abort();
	}
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode) return;
	const ended = once(child, 'exit');
	child.kill('SIGKILL');
	await ended;
}

export async function startRelay(
	name: RelayName,
	databaseUrl: string,
	environment: NodeJS.ProcessEnv = {}
): Promise<RelayProcess> {
	const child = fork(relayFile, [name, databaseUrl], {
		execArgv: [],
		env: { ...process.env, ...environment }
	});
	const { port } = await next<{ port: number }>(child);
	return {
		port,
		cpuUs: async () => {
			const answered = next<{ cpuUs: number }>(child);
			child.send('cpu');
			return (await answered).cpuUs;
		},
		stop: () => end(child)
	};
}

export type Clients = {
	/** Does one thing after another; `onTick` when the counting begins and ends. */
	order: <T>(order: Order, onTick?: () => Promise<void>) => Promise<T>;
	stop: () => Promise<void>;
};

export function startClients(): Clients {
	const child = fork(clientsFile, [], { execArgv: [] });
	return {
		order: async <T>(order: Order, onTick?: () => Promise<void>) => {
			child.send(order);
			for (;;) {
				const report = await next<Report>(child);
				if (report.kind === 'done') return report.value as T;
				if (report.kind === 'failed') throw new Error(report.text);
				await onTick?.();
				child.send(null as never);
			}
		},
		stop: () => end(child)
	};
}
