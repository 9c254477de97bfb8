import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { getConfig } from '../../config.ts';
import { addressProblem, guardedLookup } from '../guardedLookup.ts';
import type { WhatsappAccount } from './account.ts';

/**
 * `answered`: the API said something definite. `refused`: nothing left this machine. `lost`: the request may have been
 * received, and nobody will ever know from here.
 */
export type ApiResult =
	| { kind: 'answered'; status: number; body: unknown }
	| { kind: 'refused'; text: string }
	| { kind: 'lost'; text: string };

const MAX_BYTES = 2_000_000;

/** The operator may point this installation at a stand-in inside; what an organization enters may not lead there. */
const isOperators = (url: URL): boolean => url.origin === new URL(getConfig().WHATSAPP_BASE_URL).origin;

/** One request to the Cloud API: no redirects, a deadline for all of it, an answer of limited size. Never throws. */
export function callCloudApi(
	account: Pick<WhatsappAccount, 'baseUrl' | 'apiVersion' | 'token'>,
	options: { method: 'GET' | 'POST'; path: string; body?: unknown; timeoutMs?: number }
): Promise<ApiResult> {
	const url = new URL(`/${account.apiVersion}/${options.path}`, account.baseUrl);
	const isTrusted = isOperators(url);
	const problem = isTrusted ? null : addressProblem(url);
	if (problem) return Promise.resolve({ kind: 'refused', text: problem });
	const payload = options.body === undefined ? null : Buffer.from(JSON.stringify(options.body));
	const timeoutMs = options.timeoutMs ?? 30_000;
	let deadline: NodeJS.Timeout | undefined;
	return new Promise<ApiResult>((done) => {
		let connected = false;
		const fail = (error: Error) =>
			done({ kind: connected ? 'lost' : 'refused', text: error.message.slice(0, 200) });
		const req = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
			url,
			{
				method: options.method,
				...(isTrusted ? {} : { lookup: guardedLookup }),
				headers: {
					authorization: `Bearer ${account.token}`,
					accept: 'application/json',
					...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {})
				}
			},
			(res) => {
				const chunks: Buffer[] = [];
				let size = 0;
				res.on('data', (chunk: Buffer) => {
					size += chunk.length;
					if (size <= MAX_BYTES) chunks.push(chunk);
				});
				res.on('error', fail);
				res.on('aborted', () => fail(new Error('The answer broke off.')));
				res.on('end', () => {
					if (!res.complete) return fail(new Error('The answer broke off.'));
					done({ kind: 'answered', status: res.statusCode ?? 0, body: parse(Buffer.concat(chunks)) });
				});
			}
		);
		// Nothing is said before the handshake is over: a wrong certificate is no doubtful message.
		const ready = url.protocol === 'https:' ? 'secureConnect' : 'connect';
		req.on('socket', (socket) => {
			// A line that is kept open by the agent is connected already.
			if (socket.connecting) socket.once(ready, () => (connected = true));
			else connected = true;
		});
		// In all: who answers byte by byte would hold a line for ever.
		deadline = setTimeout(() => req.destroy(new Error('No answer in time.')), timeoutMs);
		// Another protocol, which nobody asked for: without this neither an answer nor an error would ever be told.
		req.on('upgrade', (_res, socket) => {
			socket.destroy();
			fail(new Error('The answer was none of this API.'));
		});
		req.on('error', fail);
		req.end(payload ?? undefined);
	}).finally(() => clearTimeout(deadline));
}

/** null: no JSON. */
function parse(bytes: Buffer): unknown {
	try {
		return JSON.parse(bytes.toString('utf8'));
	} catch {
		return null;
	}
}
