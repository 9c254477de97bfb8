import { sendMessages } from '../../src/lib/server/channels/deliver.ts';
import { createDb } from '../../src/lib/server/db/client.ts';

/** A process that does nothing but hand over mail, until it is killed (tests/integration/{killSender,faultsSender}.test.ts). */
const db = createDb(process.env['DATABASE_WORKER_URL'] ?? '', { name: 'sender-process', max: 6 });
/** SENDER_LINES=1: one message at a time. */
const lines = Number(process.env['SENDER_LINES'] ?? 0);
process.send?.('ready');
for (;;) {
	await sendMessages(db, 'email', lines ? { concurrency: lines, batch: lines } : { concurrency: 8 });
	await new Promise((done) => setTimeout(done, 50));
}
