import { createServer } from 'node:http';
import { once } from 'node:events';
import { startInboundSmtp } from '../../../src/lib/server/channels/email/inboundSmtp.ts';
import { getConfig } from '../../../src/lib/server/config.ts';
import { createDb } from '../../../src/lib/server/db/client.ts';
import { handleInbound } from '../../../src/lib/server/inbox/handler.ts';

/** The public inbox and the listener for mail, on given ports, from the moment it is told to begin: `<http> <smtp>`. */
const [http = '0', smtp = '0'] = process.argv.slice(2);
process.on('disconnect', () => process.exit(1));
const db = createDb(getConfig().DATABASE_WORKER_URL, { name: 'inbox-mail', max: 4 });
process.send?.('loaded');
await once(process, 'message');
const server = createServer((req, res) => {
	if (!handleInbound(req, res)) res.writeHead(404).end();
});
for (;;) {
	// The one that was killed a moment ago may still be on its port.
	server.listen(Number(http), '127.0.0.1');
	const [error] = (await Promise.race([once(server, 'listening').then(() => []), once(server, 'error')])) as [
		Error?
	];
	if (!error) break;
	await new Promise((done) => setTimeout(done, 50));
}
await startInboundSmtp(db, { host: '127.0.0.1', port: Number(smtp) });
process.send?.('listening');
