import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { killChild, nextMessage } from '../../support/nextMessage.ts';
import type { Order, Report } from './clients.ts';
import type { RelayName } from './relays/names.ts';

const relayFile = fileURLToPath(new URL('./relay.ts', import.meta.url));
const clientsFile = fileURLToPath(new URL('./clients.ts', import.meta.url));

export type RelayProcess = { port: number; cpuUs: () => Promise<number>; stop: () => Promise<void> };

export async function startRelay(
	name: RelayName,
	databaseUrl: string,
	environment: NodeJS.ProcessEnv = {}
): Promise<RelayProcess> {
	const child = fork(relayFile, [name, databaseUrl], {
		execArgv: [],
		env: { ...process.env, ...environment }
	});
	const { port } = await nextMessage<{ port: number }>(child);
	return {
		port,
		cpuUs: async () => {
			const answered = nextMessage<{ cpuUs: number }>(child);
			child.send('cpu');
			return (await answered).cpuUs;
		},
		stop: () => killChild(child)
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
				const report = await nextMessage<Report>(child);
				if (report.kind === 'done') return report.value as T;
				if (report.kind === 'failed') throw new Error(report.text);
				await onTick?.();
				child.send(null as never);
			}
		},
		stop: () => killChild(child)
	};
}
