/**
 * A collaboration server in a process of its own, to be killed and to be looked at from outside. Its one argument is JSON.
 * Says its port when it listens, and how it is when asked.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCollab } from '../../src/lib/server/collab/collab.ts';
import { createDb } from '../../src/lib/server/db/client.ts';
import type { ChildOptions, Health } from './collabProcess.ts';

const { databaseUrl, port, origin, limits } = JSON.parse(process.argv[2]!) as ChildOptions;
const db = createDb(databaseUrl, { name: 'collab-child', max: 4 });
let errors = 0;
const onError = (error: unknown) => {
	errors++;
	console.error(error);
};
const collab = createCollab({ db, origin, limits, onError });
const server = createServer();
server.on('upgrade', collab.handleUpgrade);

/** The longest time that this thread worked without letting others have a turn: a busy machine does not count. */
let stallMs = 0;
let worked = process.threadCpuUsage();
setInterval(() => {
	const { user, system } = process.threadCpuUsage(worked);
	worked = process.threadCpuUsage();
	stallMs = Math.max(stallMs, (user + system) / 1000);
}, 5);

process.on('message', () => {
	const { user, system } = process.cpuUsage();
	const health: Health = {
		cpuMs: (user + system) / 1000,
		rssMb: process.memoryUsage.rss() / 2 ** 20,
		stallMs,
		errors,
		...collab.counters,
		open: collab.openSockets()
	};
	stallMs = 0;
	process.send!(health);
});
process.on('disconnect', () => process.exit(0));
server.listen(port, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
