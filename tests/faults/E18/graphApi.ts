import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a message meets at its first POST; later ones are taken. */
export type Fate =
	| 'taken'
	/** Taken, then the line is cut in the middle of the answer. */
	| 'cut'
	/** Taken, and no answer ever. */
	| 'silent'
	/** An answer from a proxy that says nothing; taken behind it, or not. */
	| 'proxyTaken'
	| 'proxyLost'
	/** Definite: the API says that it did not take it. */
	| 'busy'
	| 'tooMany';
/** After these nobody knows whether it was taken. */
export const ambiguous: ReadonlySet<Fate> = new Set(['cut', 'silent', 'proxyTaken', 'proxyLost']);

type Post = { id: string; at: number; taken: boolean };
export type GraphApi = { url: string; posts: Post[]; wamids: Map<string, string>; stop: () => Promise<void> };

async function bodyOf(req: IncomingMessage): Promise<{ biz_opaque_callback_data: string }> {
	const chunks: Buffer[] = [];
	for await (const chunk of req) chunks.push(chunk as Buffer);
	return JSON.parse(Buffer.concat(chunks).toString()) as { biz_opaque_callback_data: string };
}

/** The Cloud API's door for messages, with a log of every POST. */
export async function startGraphApi(fateOf: (id: string) => Fate): Promise<GraphApi> {
	const posts: Post[] = [];
	const wamids = new Map<string, string>();
	const seen = new Set<string>();
	const json = (res: ServerResponse, status: number, body: object) =>
		res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
	const refuse = (res: ServerResponse, status: number, code: number) =>
		json(res, status, { error: { message: 'Try again later.', type: 'OAuthException', code } });
	const take = async (req: IncomingMessage, res: ServerResponse) => {
		const id = (await bodyOf(req)).biz_opaque_callback_data;
		const fate = seen.has(id) ? 'taken' : fateOf(id);
		seen.add(id);
		const taken = !['busy', 'tooMany', 'proxyLost'].includes(fate);
		posts.push({ id, at: Date.now(), taken });
		if (taken) wamids.set(id, `wamid.${id}`);
		switch (fate) {
			case 'taken':
				return json(res, 200, { messages: [{ id: `wamid.${id}`, message_status: 'accepted' }] });
			case 'cut':
				res.writeHead(200, { 'content-length': '500' }).write('{"messages":[');
				return void setTimeout(() => res.destroy(), 5);
			case 'silent':
				return;
			case 'proxyTaken':
			case 'proxyLost':
				return res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
			case 'busy':
				return refuse(res, 503, 131016);
			case 'tooMany':
				return refuse(res, 429, 130429);
		}
	};
	const server = createServer((req, res) => void take(req, res).catch(() => res.destroy()));
	server.keepAliveTimeout = 60_000;
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
	const address = server.address();
	return {
		url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
		posts,
		wamids,
		stop: async () => {
			server.closeAllConnections();
			await new Promise<void>((done) => server.close(() => done()));
		}
	};
}
