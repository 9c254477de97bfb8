import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import { createDb } from '../../src/lib/server/db/client.ts';
import { isPassing } from '../../src/lib/server/db/isPassing.ts';
import { expect, test } from '../support/db.ts';

/** A way to the database on which, from one moment on, nothing arrives any more and nobody hangs up. */
async function startLine(target: string) {
	const sockets = new Set<Socket>();
	let isCut = false;
	const server = createServer((near) => {
		const far = connect(Number(new URL(target).port), '127.0.0.1');
		for (const [from, to] of [
			[near, far],
			[far, near]
		] as const) {
			sockets.add(from);
			from.on('data', (bytes) => !isCut && to.write(bytes));
			from.on('error', () => undefined);
			from.on('close', () => to.destroy());
		}
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const url = new URL(target);
	url.hostname = '127.0.0.1';
	url.port = String((server.address() as AddressInfo).port);
	return {
		url: url.href,
		cut: (value: boolean) => (isCut = value),
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((done) => server.close(done));
		}
	};
}

test('RELIABILITY 2.6: a database that went away without a word is not waited for beyond the time limit of a statement; the next one gets a new connection', async ({
	db
}) => {
	const line = await startLine(db.urls.worker);
	const far = createDb(line.url, { name: 'test-silent', max: 1, statementTimeoutMs: 800 });
	try {
		const inTransaction = far.transaction(async (tx) => {
			await tx.execute(sql`select 1`);
			line.cut(true);
			await tx.execute(sql`select 2`);
		});
		const error: unknown = await inTransaction.then(
			() => null,
			(caught: unknown) => caught
		);
		expect(isPassing(error)).toBe(true);
		line.cut(false);
		expect(await far.execute(sql`select 3 as n`)).toMatchObject([{ n: 3 }]);
		// Nobody asks anything for longer than that: the connection stays.
		const [before] = await far.execute(sql`select pg_backend_pid() as pid`);
		await new Promise((done) => setTimeout(done, 1_500));
		expect(await far.execute(sql`select pg_backend_pid() as pid`)).toEqual([before]);
	} finally {
		await far.$client.end({ timeout: 1 });
		await line.close();
	}
});
