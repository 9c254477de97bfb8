import { createHmac } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedHook = {
	path: string;
	headers: Record<string, string>;
	/** The exact bytes, which the signature is over. */
	raw: string;
	body: { type: string; data: { record: Record<string, unknown>; enrollment: { id: string } } };
};

/** What a receiver does with a call, by path and how often it was asked there. */
export type HookAnswer = number | 'stall' | 'hangUp' | ((res: ServerResponse) => void);

/** A receiver of webhooks on this machine that answers as it is told. */
export async function startWebhookSink(answer: (path: string, nth: number) => HookAnswer = () => 200) {
	const received: ReceivedHook[] = [];
	const asked = new Map<string, number>();
	const server = createServer((req, res) => {
		const chunks: Buffer[] = [];
		req.on('data', (chunk: Buffer) => chunks.push(chunk));
		req.on('end', () => {
			const path = req.url ?? '';
			const raw = Buffer.concat(chunks).toString('utf8');
			const nth = (asked.get(path) ?? 0) + 1;
			asked.set(path, nth);
			received.push({
				path,
				raw,
				headers: Object.fromEntries(Object.entries(req.headers).map(([key, value]) => [key, String(value)])),
				body: JSON.parse(raw || '{}') as ReceivedHook['body']
			});
			const say = answer(path, nth);
			if (say === 'hangUp') return void req.socket.destroy();
			if (typeof say === 'function') return say(res);
			if (say === 'stall') return;
			res.writeHead(say, say >= 300 && say < 400 ? { location: '/elsewhere' } : {});
			res.end('x'.repeat(100_000));
		});
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		url,
		received,
		stop: () =>
			new Promise<void>((done) => {
				server.closeAllConnections();
				server.close(() => done());
			})
	};
}

/** Whether a call carries the signature that Standard Webhooks asks for. */
export function isSigned(hook: ReceivedHook, secret: string): boolean {
	const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = hook.headers;
	const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
	const wanted = createHmac('sha256', key).update(`${id}.${at}.${hook.raw}`).digest('base64');
	return signature === `v1,${wanted}`;
}
