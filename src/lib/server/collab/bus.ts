import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { cadenceNewsSchema } from '#lib/collab/cadenceNews.ts';
import type { Db } from '../db/client.ts';
import { collabChannel } from './notify.ts';

const document = { orgId: z.uuid(), cadenceId: z.uuid() };
const messageSchema = z.discriminatedUnion('kind', [
	/** A log or generation moved on (0: the cadence is gone). */
	z.object({
		kind: z.literal('document'),
		...document,
		generation: z.int(),
		seq: z.int(),
		from: z.string().optional()
	}),
	/** Published, activated, restored: for everybody who has the canvas open. */
	z.object({ kind: z.literal('news'), ...document, news: cadenceNewsSchema }),
	/** Somebody's rights changed. */
	z.object({ kind: z.literal('user'), userId: z.uuid() }),
	z.object({
		kind: z.literal('awareness'),
		from: z.string(),
		...document,
		states: z.array(z.tuple([z.int(), z.int(), z.string(), z.string()]))
	}),
	/** A process opened a document and wants to know who is on it. */
	z.object({ kind: z.literal('who'), from: z.string(), ...document }),
	/** I am here; `isReply` ends the exchange. */
	z.object({ kind: z.literal('hello'), from: z.string(), isReply: z.boolean() })
]);
export type BusMessage = z.infer<typeof messageSchema>;

const PEER_TTL_MS = 45_000;

/**
 * What app processes tell each other, by NOTIFY on one channel. Everything on it is a hint that may get lost: a poll
 * backs it up. A process that is alone sends nothing but its greeting.
 */
export class Bus {
	readonly id = randomUUID();
	#db: Db;
	#others = new Map<string, number>();
	#stop: (() => Promise<void>) | null = null;
	#onMessage: (message: BusMessage) => void;
	#onError: (error: unknown) => void;

	constructor(db: Db, onMessage: (message: BusMessage) => void, onError: (error: unknown) => void) {
		this.#db = db;
		this.#onMessage = onMessage;
		this.#onError = onError;
	}

	/** `onListening` also runs after every reconnect: what was said meanwhile is lost. */
	async start(onListening: () => void): Promise<void> {
		const { unlisten } = await this.#db.$client.listen(
			collabChannel,
			(payload) => this.#receive(payload),
			() => {
				this.greet();
				onListening();
			}
		);
		this.#stop = unlisten;
	}

	async stop(): Promise<void> {
		await this.#stop?.();
		this.#stop = null;
	}

	/** Does anybody else serve documents? */
	get hasOthers(): boolean {
		const now = Date.now();
		for (const [id, at] of this.#others) if (now - at > PEER_TTL_MS) this.#others.delete(id);
		return this.#others.size > 0;
	}

	greet(isReply = false): void {
		this.send([{ kind: 'hello', from: this.id, isReply }]);
	}

	/** Several messages, one statement. Not awaited by anybody: they are hints. */
	send(messages: readonly BusMessage[]): void {
		if (!messages.length || !this.#stop) return;
		const payloads = JSON.stringify(messages.map((message) => JSON.stringify(message)));
		this.#db
			.execute(
				sql`select pg_notify(${collabChannel}, p) from jsonb_array_elements_text(${payloads}::jsonb) as t(p)`
			)
			.catch((error: unknown) => this.#onError(error));
	}

	#receive(payload: string): void {
		const message = parse(payload);
		if (!message || ('from' in message && message.from === this.id)) return;
		if ('from' in message && message.from) this.#others.set(message.from, Date.now());
		if (message.kind === 'hello' && !message.isReply) this.greet(true);
		this.#onMessage(message);
	}
}

function parse(payload: string): BusMessage | null {
	try {
		return messageSchema.parse(JSON.parse(payload));
	} catch {
		return null;
	}
}
