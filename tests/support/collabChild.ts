/**
 * A collaboration server in a process of its own, to be killed. Arguments: database URL, port. Prints its port when
 * it listens.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCollab } from '../../src/lib/server/collab/collab.ts';
import { createDb } from '../../src/lib/server/db/client.ts';

const [databaseUrl, port, origin] = process.argv.slice(2);
const db = createDb(databaseUrl!, { name: 'collab-child', max: 4 });
const collab = createCollab({ db, origin: origin!, onError: (error) => console.error(error) });
const server = createServer();
server.on('upgrade', collab.handleUpgrade);
server.listen(Number(port), '127.0.0.1', () => {
	process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
