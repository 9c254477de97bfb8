import type { Logger } from 'pino';
import { startInboundSmtp, type InboundSmtp } from '../src/lib/server/channels/email/inboundSmtp.ts';
import type { Db } from '../src/lib/server/db/client.ts';

const TAKE_OVER_EVERY_MS = 5_000;

/**
 * CHA-1: replies and bounces are taken by one worker per machine: the first to get the port. The others ask for it again
 * every few seconds and go on when that one is gone.
 */
export function keepListening(
	db: Db,
	at: { host: string; port: number },
	log: Logger,
	takeOverEveryMs = TAKE_OVER_EVERY_MS
): () => Promise<void> {
	let listener: InboundSmtp | null = null;
	let timer: NodeJS.Timeout | undefined;
	let stopped = false;
	const attempt = async () => {
		try {
			listener = await startInboundSmtp(db, at);
			log.info(at, 'listening for replies and bounces');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') log.error({ error }, 'no inbound mail');
			if (!stopped) timer = setTimeout(() => void (current = attempt()), takeOverEveryMs);
		}
	};
	let current = attempt();
	return async () => {
		stopped = true;
		clearTimeout(timer);
		await current;
		await listener?.stop();
	};
}
