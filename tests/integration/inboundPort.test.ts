import { connect } from 'node:net';
import { once } from 'node:events';
import { freePort } from '../../scripts/postgres/cluster.ts';
import { getLog } from '../../src/lib/server/log.ts';
import { keepListening } from '../../worker/inbound.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';

/** First line that the listener says, or null when nobody listens. */
async function greeting(port: number): Promise<string | null> {
	const socket = connect(port, '127.0.0.1');
	try {
		const [chunk] = (await once(socket, 'data')) as [Buffer];
		return chunk.toString().slice(0, 3);
	} catch {
		return null;
	} finally {
		socket.destroy();
	}
}

test('CHA-1: of two workers one takes replies and bounces, and the other goes on when it is gone', async ({
	db
}) => {
	useConfig(db.urls);
	const at = { host: '127.0.0.1', port: (await freePort(0))! };
	const stopFirst = keepListening(db.worker, at, getLog());
	await expect.poll(() => greeting(at.port)).toBe('220');
	const stopSecond = keepListening(db.worker, at, getLog(), 200);
	await new Promise((done) => setTimeout(done, 300)); // it has found the port taken
	await stopFirst();
	await expect.poll(() => greeting(at.port), { timeout: 10_000 }).toBe('220');
	await stopSecond();
	expect(await greeting(at.port)).toBeNull();
});
