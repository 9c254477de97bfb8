import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CollabLimits } from '../../src/lib/server/collab/limits.ts';
import type { CollabCounters } from '../../src/lib/server/collab/rejections.ts';
import type { TestDatabase } from './clone.ts';
import { testOrigin } from './collabServer.ts';
import { testEnvironment } from './config.ts';
import { killChild, nextMessage } from './nextMessage.ts';

export type ChildOptions = {
	databaseUrl: string;
	port: number;
	origin: string;
	limits: Partial<CollabLimits>;
};
/** How a server process is: CPU time since its start, memory, longest turn since the last look. */
export type Health = {
	cpuMs: number;
	rssMb: number;
	stallMs: number;
	errors: number;
	open: number;
} & CollabCounters;

export type CollabProcess = { port: number; health: () => Promise<Health>; kill: () => Promise<void> };

export const collabProgram = new URL('./collabChild.ts', import.meta.url);

/** `program`: the bundled child, which is up much sooner. `port` 0: any. */
export async function startCollabProcess(
	db: TestDatabase,
	options: { port?: number; limits?: Partial<CollabLimits>; program?: string } = {}
): Promise<CollabProcess> {
	const { port = 0, limits = {}, program = fileURLToPath(collabProgram) } = options;
	const given: ChildOptions = { databaseUrl: db.urls.web, port, origin: testOrigin, limits };
	const child = fork(program, [JSON.stringify(given)], {
		env: { ...testEnvironment(db.urls), PATH: process.env['PATH'] },
		execArgv: []
	});
	const started = await nextMessage<{ port: number }>(child);
	return {
		port: started.port,
		health: () => {
			const answer = nextMessage<Health>(child);
			child.send('how are you');
			return answer;
		},
		kill: () => killChild(child)
	};
}
