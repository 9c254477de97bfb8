/** One relay in a process of its own. Arguments: its name, the database. Says its port, and its CPU time when asked. */
import type { AddressInfo } from 'node:net';
import type { RelayName, StartRelay } from './relays/names.ts';

const relays: Record<RelayName, () => Promise<{ start: StartRelay }>> = {
	ywebsocket: () => import('./relays/ywebsocket.ts'),
	hocuspocus: () => import('./relays/hocuspocus.ts'),
	ours: () => import('./relays/ours.ts')
};
const [name, databaseUrl = ''] = process.argv.slice(2);
const { start } = await relays[name as RelayName]();
const server = await start(databaseUrl);
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
process.on('message', () => {
	const { user, system } = process.cpuUsage();
	process.send!({ cpuUs: user + system });
});
process.on('disconnect', () => process.exit(0));
process.send!({ port: (server.address() as AddressInfo).port });
