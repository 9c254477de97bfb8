import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { getConfig } from '../../config.ts';
import { addressProblem, guardedLookup, refusedByPolicy } from '../guardedLookup.ts';
import { storableText } from '../storableText.ts';
import type { WebhookHeaders } from './signWebhook.ts';

/** `policy`: never sent, and never will be. `unreached`: nobody answered, or not in time. */
export type PostResult =
	| { kind: 'answered'; status: number }
	| { kind: 'policy'; text: string }
	| { kind: 'unreached'; text: string };

const postTimeoutMs = 10_000;

/** RELIABILITY.md 4, SSRF: the web's ports, and those that anybody may listen on. */
const isWebPort = (port: number) => port === 80 || port === 443 || port >= 1024;

/**
 * One POST: no redirects, ten seconds in all, and nothing but the status of the answer is read. The address is checked
 * where the connection is made. Holds no database connection; never throws.
 */
export function postWebhook(
	address: string,
	body: Buffer,
	headers: WebhookHeaders,
	timeoutMs = postTimeoutMs
): Promise<PostResult> {
	const problem = problemOf(address);
	if (problem) return Promise.resolve({ kind: 'policy', text: problem });
	const url = new URL(address);
	return new Promise((done) => {
		const req = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
			url,
			{
				method: 'POST',
				lookup: guardedLookup,
				agent: false,
				signal: AbortSignal.timeout(timeoutMs),
				headers: {
					...headers,
					'content-type': 'application/json',
					'content-length': body.length,
					'user-agent': 'Cadenza-Webhook/1'
				}
			},
			(res) => {
				done({ kind: 'answered', status: res.statusCode ?? 0 });
				// What a receiver says besides its status is nobody's business, however long it is.
				res.destroy();
			}
		);
		// Another protocol, which nobody asked for: without this neither an answer nor an error would ever be told.
		req.on('upgrade', (res, socket) => {
			socket.destroy();
			done({ kind: 'answered', status: res.statusCode ?? 101 });
		});
		req.on('error', (error: Error & { code?: string }) => {
			if (error.code === refusedByPolicy) return done({ kind: 'policy', text: error.message });
			const late = error.name === 'TimeoutError' || error.name === 'AbortError';
			const text = late ? `No answer within ${Math.round(timeoutMs / 1000)} seconds.` : error.message;
			done({ kind: 'unreached', text: storableText(text, 200) });
		});
		req.end(body);
	});
}

function problemOf(address: string): string | null {
	if (!URL.canParse(address)) return 'The address of the webhook is not valid.';
	const url = new URL(address);
	if (url.protocol !== 'https:' && url.protocol !== 'http:')
		return 'The address of the webhook must begin with https://.';
	const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
	if (!getConfig().ALLOW_PRIVATE_HOSTS && !isWebPort(port)) return `Port ${port} is refused by policy.`;
	return addressProblem(url);
}
