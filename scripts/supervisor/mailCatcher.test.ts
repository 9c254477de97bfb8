import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startMailCatcher } from './mailCatcher.ts';

test('OPS-1: a port that another product was quicker to take is no failure of the mail catcher', async () => {
	const other = createServer().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	try {
		for (const wanted of [
			{ smtp: port, web: 0 },
			{ smtp: 0, web: port }
		]) {
			const catcher = await startMailCatcher(wanted);
			expect(Number(new URL(catcher.smtpUrl).port)).toBeGreaterThan(0);
			expect([catcher.smtpUrl, catcher.webUrl].join()).not.toContain(`:${port}`);
			const page = await fetch(catcher.webUrl, { headers: { accept: 'text/html' } });
			expect(page.status).toBe(200);
			await catcher.stop();
		}
	} finally {
		other.close();
	}
});
