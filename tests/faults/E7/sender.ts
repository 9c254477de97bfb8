import { setTimeout as sleep } from 'node:timers/promises';
import { sendMessages } from '../../../src/lib/server/channels/deliver.ts';
import { createDb } from '../../../src/lib/server/db/client.ts';

/** Hands over mail while it is told to work, and says so when it rests. */
export type SenderOrder = 'work' | 'rest';
export type SenderReport = 'ready' | 'resting';

const db = createDb(process.env['DATABASE_WORKER_URL'] ?? '', { name: `e7-${process.pid}`, max: 6 });
const tell = (report: SenderReport) => process.send?.(report);
let working = false;
let running = false;

process.on('message', (order: SenderOrder) => {
	working = order === 'work';
	if (!running) void (working ? work() : tell('resting'));
});
process.on('disconnect', () => process.exit(0));

async function work(): Promise<void> {
	running = true;
	while (working) {
		const stop = new AbortController();
		const watch = setInterval(() => working || stop.abort(), 5);
		await sendMessages(db, 'email', { concurrency: 4, batch: 10, signal: stop.signal }).catch(
			() => undefined
		);
		clearInterval(watch);
		await sleep(5);
	}
	running = false;
	tell('resting');
}

await db.execute('select 1');
tell('ready');
