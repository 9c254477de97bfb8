import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { loadConfig, setConfig } from '../../config.ts';
import { callCloudApi } from './cloudApi.ts';

const operatorsUrl = (WHATSAPP_BASE_URL: string) =>
	setConfig(
		loadConfig({
			DATABASE_URL: 'postgres://a@127.0.0.1/b',
			DATABASE_WORKER_URL: 'postgres://a@127.0.0.1/b',
			SMTP_URL: 'smtp://127.0.0.1',
			SECRET_KEY: Buffer.alloc(32).toString('base64'),
			WHATSAPP_BASE_URL
		})
	);

const post = (baseUrl: string, timeoutMs: number) =>
	callCloudApi(
		{ baseUrl, apiVersion: 'v24.0', token: 't' },
		{ method: 'POST', path: 'messages', body: {}, timeoutMs }
	);

/** A server that says what it is told to, to whoever connects. */
async function startTcp(talk: (socket: Socket) => void) {
	const sockets = new Set<Socket>();
	const server = createTcpServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		talk(socket);
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	return {
		port: (server.address() as AddressInfo).port,
		stop: async () => {
			for (const socket of sockets) socket.destroy();
			setConfig(undefined);
			await new Promise((done) => server.close(done));
		}
	};
}

test('CHA-3, EXE-10: a handshake that fails leaves no message in doubt, since nothing was said before it', async () => {
	const server = await startTcp((socket) => socket.end('this is no TLS\r\n'));
	try {
		operatorsUrl(`https://127.0.0.1:${server.port}`);
		expect(await post(`https://127.0.0.1:${server.port}`, 2_000)).toMatchObject({ kind: 'refused' });
	} finally {
		await server.stop();
	}
});

test('CHA-3, RELIABILITY 2.6: an answer that comes byte by byte is given up after the time for all of it', async () => {
	const server = await startTcp((socket) => {
		socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
		const drip = setInterval(() => void socket.write('.'), 50);
		socket.on('close', () => clearInterval(drip));
	});
	try {
		operatorsUrl(`http://127.0.0.1:${server.port}`);
		expect(await post(`http://127.0.0.1:${server.port}`, 400)).toMatchObject({ kind: 'lost' });
	} finally {
		await server.stop();
	}
});

test('CHA-3, RELIABILITY 2.6: an answer that changes the protocol ends the call', async () => {
	const server = await startTcp((socket) =>
		socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
	);
	try {
		operatorsUrl(`http://127.0.0.1:${server.port}`);
		expect(await post(`http://127.0.0.1:${server.port}`, 400)).toMatchObject({ kind: 'lost' });
	} finally {
		await server.stop();
	}
});

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
		operatorsUrl(baseUrl);
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
