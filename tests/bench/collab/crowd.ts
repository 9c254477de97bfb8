import type { OutgoingHttpHeaders } from 'node:http';
import { openLightSocket, type LightSocket } from './frames.ts';
import { protocolOf, type Written } from './protocol.ts';
import type { RelayName } from './relays/names.ts';
import { Writer } from './writer.ts';

type Seat = { headers: OutgoingHttpHeaders; query: string };
export type CrowdOptions = { relay: RelayName; url: string; documentId: string; seats: Seat[] };

const WRITERS = 8;
const IN_FLIGHT = 4;

type Edit = { at: number; missing: number };

/** The editors of one draft at one relay. Eight of them write; an edit is done when all others have it. */
export class Crowd {
	#options: CrowdOptions;
	#protocol: ReturnType<typeof protocolOf>;
	#sockets: LightSocket[] = [];
	#writers: Writer[] = [];
	/** Client id of a writer -> its edits under way, by clock. */
	#underWay = new Map<number, Map<number, Edit>>();
	#seatOf = new Map<number, number>();
	#synced = 0;
	#onDone: ((edit: Edit, writer: Writer) => void) | null = null;
	#open = 0;

	constructor(options: CrowdOptions) {
		this.#options = options;
		this.#protocol = protocolOf(options.relay, options.documentId);
	}

	/** Everybody connects and has the draft; the writers' actions are there for all. */
	async arrive(): Promise<void> {
		const { url, documentId, seats } = this.#options;
		let base: Uint8Array | undefined;
		for (const [index, { headers, query }] of seats.entries()) {
			const socket = await openLightSocket(`${url}${documentId}${query}`, headers, (data) => {
				const heard = this.#protocol.read(data);
				if (heard?.kind === 'state') {
					base ??= heard.update.slice();
					this.#synced++;
				} else if (heard) for (const part of heard.parts) this.#hear(index, part);
			});
			this.#sockets.push(socket);
			for (const message of this.#protocol.greeting()) socket.send(message);
		}
		await until(() => this.#synced >= seats.length);
		for (let index = 0; index < Math.min(WRITERS, seats.length); index++) {
			const writer = new Writer(index, base!);
			this.#writers.push(writer);
			this.#seatOf.set(writer.client, index);
			this.#underWay.set(writer.client, new Map());
		}
		for (const writer of this.#writers) this.#send(writer, writer.begin());
		await until(() => this.#open === 0);
	}

	leave(): void {
		for (const socket of this.#sockets) socket.end();
	}

	/** As fast as it goes: each writer has four edits under way. `tick` is called when the counting begins and ends. */
	async pushFully(ms: number, tick: () => Promise<void>): Promise<{ done: number; ms: number }> {
		let done = 0;
		this.#onDone = (_edit, writer) => {
			done++;
			this.#send(writer, writer.edit());
		};
		for (const writer of this.#writers) for (let n = 0; n < IN_FLIGHT; n++) this.#send(writer, writer.edit());
		await sleep(ms / 4);
		await tick();
		done = 0;
		const from = performance.now();
		await sleep(ms);
		const counted = { done, ms: performance.now() - from };
		await tick();
		this.#onDone = null;
		await until(() => this.#open === 0);
		return counted;
	}

	/** A steady rate; answers for each edit how many milliseconds passed until all others had it. */
	async pushSteadily(perSecond: number, ms: number): Promise<number[]> {
		const took: number[] = [];
		let counts = false;
		this.#onDone = ({ at }) => {
			if (counts) took.push(performance.now() - at);
		};
		const from = performance.now();
		let sent = 0;
		while (performance.now() - from < ms * 1.25) {
			counts = performance.now() - from > ms * 0.25;
			const due = ((performance.now() - from) / 1000) * perSecond;
			for (; sent < due; sent++) {
				const writer = this.#writers[sent % this.#writers.length]!;
				this.#send(writer, writer.edit());
			}
			await sleep(1);
		}
		await until(() => this.#open === 0);
		this.#onDone = null;
		return took;
	}

	/** The next clock of each writer: all before it was shown to everybody. */
	acknowledged(): [client: number, clock: number][] {
		return this.#writers.map((writer) => [writer.client, writer.clock]);
	}

	#send(writer: Writer, { clock, update }: { clock: number; update: Uint8Array }): void {
		this.#open++;
		this.#underWay.get(writer.client)!.set(clock, {
			at: performance.now(),
			missing: this.#options.seats.length - 1
		});
		this.#sockets[writer.index]!.send(this.#protocol.update(update));
	}

	#hear(seat: number, { client, from, to }: Written): void {
		const own = this.#underWay.get(client);
		if (!own || this.#seatOf.get(client) === seat) return;
		for (let clock = from; clock < to; clock++) {
			const edit = own.get(clock);
			if (!edit || --edit.missing > 0) continue;
			own.delete(clock);
			this.#open--;
			this.#onDone?.(edit, this.#writers[this.#seatOf.get(client)!]!);
		}
	}
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function until(look: () => boolean, ms = 30_000): Promise<void> {
	const end = Date.now() + ms;
	while (!look()) {
		if (Date.now() > end) throw new Error(`Not so within ${ms} ms: ${look.toString()}`);
		await sleep(5);
	}
}
