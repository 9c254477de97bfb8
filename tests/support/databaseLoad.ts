import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { createDb } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';

/**
 * A process that keeps a pool busy while its backends are being ended (tests/integration/lostBackends.test.ts):
 * `node databaseLoad.ts <url>`. Told to stop, it says what was confirmed, what failed, and how many of 40 statements at
 * once succeed afterwards.
 */
const db = createDb(process.argv[2]!, { name: 'database-load', max: 6 });
const confirmed: string[] = [];
let failed = 0;
let stopped = false;
process.on('message', () => (stopped = true));

/** Two rows or none; the pause lets a connection die and come back between them. */
async function mark(): Promise<void> {
	const id = newId();
	await db.transaction(async (tx) => {
		await tx.execute(sql`insert into load_marks (id, half) values (${id}, 1)`);
		await sleep(Math.random() * 20);
		await tx.execute(sql`insert into load_marks (id, half) values (${id}, 2)`);
	});
	confirmed.push(id);
}

async function keepBusy(): Promise<void> {
	while (!stopped) {
		const work = Math.random() < 0.5 ? mark() : db.execute(sql`select ${Math.random()}::float8`);
		await work.catch(() => failed++);
	}
}

const lanes = Array.from({ length: 12 }, keepBusy);
process.send?.({ ready: true });
await Promise.all(lanes);
await sleep(200);
const after = await Promise.allSettled(Array.from({ length: 40 }, () => db.execute(sql`select 1`)));
await db.$client.end({ timeout: 5 });
process.send?.({ confirmed, failed, after: after.filter(({ status }) => status === 'fulfilled').length });
process.disconnect?.();
