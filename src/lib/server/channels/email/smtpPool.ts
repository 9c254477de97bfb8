import type { Relay } from './relay.ts';
import { SmtpOpenError, SmtpSession } from './smtpSession.ts';

const MAX_MESSAGES = 200;
const IDLE_MS = 5_000;
/** After a relay did not answer, everybody waits this long instead of knocking once per message. */
const COOL_DOWN_MS = 2_000;

/** Connections to one relay, opened on demand, reused, dropped when idle. */
export class SmtpPool {
	#relay: Relay;
	#idle: { session: SmtpSession; since: number }[] = [];
	#timer: NodeJS.Timeout | null = null;
	#down: { until: number; error: SmtpOpenError } | null = null;

	constructor(relay: Relay) {
		this.#relay = relay;
	}

	/** @throws SmtpOpenError */
	async take(): Promise<SmtpSession> {
		for (let entry = this.#idle.pop(); entry; entry = this.#idle.pop())
			if (entry.session.usable) return entry.session;
		if (this.#down && this.#down.until > performance.now()) throw this.#down.error;
		const session = new SmtpSession(this.#relay);
		try {
			await session.open(this.#relay.auth);
			this.#down = null;
			return session;
		} catch (error) {
			if (error instanceof SmtpOpenError) this.#down = { until: performance.now() + COOL_DOWN_MS, error };
			throw error;
		}
	}

	give(session: SmtpSession): void {
		if (!session.usable) return;
		if (session.sent >= MAX_MESSAGES) return session.quit();
		this.#idle.push({ session, since: performance.now() });
		this.#timer ??= setInterval(() => this.#dropIdle(), IDLE_MS).unref();
	}

	#dropIdle(): void {
		const limit = performance.now() - IDLE_MS;
		const [stale, fresh] = [
			this.#idle.filter((entry) => entry.since < limit),
			this.#idle.filter((entry) => entry.since >= limit)
		];
		for (const { session } of stale) session.quit();
		this.#idle = fresh;
		if (!fresh.length) this.close();
	}

	close(): void {
		if (this.#timer) clearInterval(this.#timer);
		this.#timer = null;
		for (const { session } of this.#idle) session.quit();
		this.#idle = [];
	}
}

const holder = globalThis as { [key: symbol]: Map<string, { pool: SmtpPool; relay: string }> | undefined };
const key = Symbol.for('cadenza.smtpPools');

/** The pool of a relay in this process; a changed host or login makes a new one. */
export function getSmtpPool(relay: Relay): SmtpPool {
	const pools = (holder[key] ??= new Map());
	const shape = JSON.stringify(relay);
	const known = pools.get(relay.key);
	if (known?.relay === shape) return known.pool;
	known?.pool.close();
	const pool = new SmtpPool(relay);
	pools.set(relay.key, { pool, relay: shape });
	return pool;
}

/** Ends every idle connection; part of a shutdown. */
export function closeSmtpPools(): void {
	for (const { pool } of holder[key]?.values() ?? []) pool.close();
	holder[key]?.clear();
}
