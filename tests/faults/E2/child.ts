import { createDb } from '../../../src/lib/server/db/client.ts';
import type { Scenario } from './scenario.ts';
import { steps } from './steps.ts';

/** A process that lives through histories from a given step on, and may die at its failpoint: parent.ts starts it. */
export type Order = { scenario: Scenario; from: number };
export type Report = { done: number } | { failed: string };

const { DATABASE_URL, DATABASE_WORKER_URL, DATABASE_ADMIN_URL } = process.env;
const pool = (url: string | undefined) => createDb(url ?? '', { name: `e2-${process.pid}`, max: 3 });
const db = { web: pool(DATABASE_URL), worker: pool(DATABASE_WORKER_URL), admin: pool(DATABASE_ADMIN_URL) };
const tell = (report: Report) => new Promise((done) => process.send!(report, done));

process.on('message', (order: Order) => {
	run(order).catch((error: unknown) =>
		tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
	);
});
process.on('disconnect', () => process.exit(0));

async function run({ scenario, from }: Order): Promise<void> {
	for (const [n, step] of steps.entries()) {
		if (n < from) continue;
		await step(db, scenario);
		await tell({ done: n + 1 });
	}
}
