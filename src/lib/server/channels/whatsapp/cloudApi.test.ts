import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { loadConfig, setConfig } from '../../config.ts';
import { callCloudApi } from './cloudApi.ts';

test('CHA-3, S15: only the address that the operator named may lie inside the own network', async () => {
	let calls = 0;
	const server = createServer((_req, res) => {
		calls++;
		res.end('{}');
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const ask = (address: string) =>
		callCloudApi(
			{ baseUrl: address, apiVersion: 'v24.0', token: 't' },
			{ method: 'GET', path: 'x', timeoutMs: 2_000 }
		);
	try {
		setConfig(
			loadConfig({
				DATABASE_URL: 'postgres://a@127.0.0.1/b',
				DATABASE_WORKER_URL: 'postgres://a@127.0.0.1/b',
				SMTP_URL: 'smtp://127.0.0.1',
				SECRET_KEY: Buffer.alloc(32).toString('base64'),
				WHATSAPP_BASE_URL: baseUrl
			})
		);
		expect(await ask(baseUrl)).toMatchObject({ kind: 'answered', status: 200 });
		for (const other of [baseUrl.replace('127.0.0.1', 'localhost'), 'http://127.0.0.1:1', 'http://[::1]:1'])
			expect(await ask(other), other).toEqual({
				kind: 'refused',
				text: 'This host is not reachable from here by policy.'
			});
		expect(calls).toBe(1);
	} finally {
		setConfig(undefined);
		await new Promise((done) => server.close(done));
	}
});
