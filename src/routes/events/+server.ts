import { requireActor } from '#lib/server/auth/requireActor.ts';
import { getWebDb } from '#lib/server/db/pools.ts';
import { listenLive } from '#lib/server/notifications/liveHub.ts';
import type { RequestHandler } from './$types';

/** Ends by itself, so that the browser comes again and its session is looked at again. */
const LIFE_MS = 10 * 60_000;
const BEAT_MS = 20_000;

/** CRM-9: the live events of the signed-in person, as server-sent events. */
export const GET: RequestHandler = ({ locals, request }) => {
	const actor = requireActor(locals);
	const text = new TextEncoder();
	let stop = () => {};
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			const write = (line: string) => {
				try {
					controller.enqueue(text.encode(line));
				} catch {
					stop(); // the page is gone
				}
			};
			const unlisten = listenLive(getWebDb(), actor.orgId, {
				userId: actor.userId,
				send: (event) => write(`data: ${JSON.stringify(event)}\n\n`)
			});
			const beat = setInterval(() => write(': still here\n\n'), BEAT_MS);
			const life = setTimeout(() => end(), LIFE_MS);
			stop = () => {
				clearInterval(beat);
				clearTimeout(life);
				unlisten();
			};
			const end = () => {
				stop();
				controller.close();
			};
			request.signal.addEventListener('abort', () => stop());
			write('retry: 3000\n\n');
		},
		cancel: () => stop()
	});
	return new Response(body, {
		headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
	});
};
