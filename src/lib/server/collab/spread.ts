import type { Peer } from './peer.ts';

/** What everybody gets, and what one peer gets in its place. null: nothing. */
export type Shown = { common: Buffer | null; own: { peer: Peer; frame: Buffer } | null };

/** Writes to sockets before others have their turn: about a third of a millisecond. */
const TURN = 32;
/** With so many edits in one commit it is better that the next ones gather: one write to each socket takes them all. */
const CROWD = 4;

/**
 * Shows what is stored to the sockets of a room, in rounds (PERFORMANCE.md 5). Each socket gets all that it has not seen yet
 * in one write. Between some writes the event loop has its turn: while a round goes on, edits come in, are stored, and go
 * along with it, so that who waits for a commit does not also wait for two hundred sockets.
 */
export class Spread {
	/** Not yet with everybody; `#first` is the number of the first of them. */
	#items: Shown[] = [];
	#first = 0;
	/** By peer: the number of the next item it gets. */
	#next = new Map<Peer, number>();
	/** Who is looked at in this round, from `#at` on; when it ends they have all items before `#until`. */
	#round: Peer[] = [];
	#at = 0;
	#until = 0;
	/** What several peers get that have the same behind them, until something is added. */
	#shared = new Map<number, Buffer>();
	#isRunning = false;
	#isPlanned = false;
	#onIdle: (() => void)[] = [];

	join(peer: Peer): void {
		this.#next.set(peer, this.#end);
	}

	leave(peer: Peer): void {
		this.#next.delete(peer);
	}

	/** In the order of the log. */
	add(items: readonly Shown[]): void {
		if (!items.length) return;
		this.#items.push(...items);
		this.#shared.clear();
		const isCrowded = items.length >= CROWD;
		if (this.#isRunning && !isCrowded) return;
		if (!this.#isRunning) this.#beginRound();
		this.#isRunning = true;
		this.#turn(isCrowded ? Number.POSITIVE_INFINITY : TURN);
	}

	/** Gives everybody everything before anything else is done. */
	finish(): void {
		if (this.#isRunning) this.#turn(Number.POSITIVE_INFINITY);
	}

	/** Resolves when everybody has been sent everything. */
	async settled(): Promise<void> {
		if (this.#isRunning) await new Promise<void>((done) => this.#onIdle.push(done));
	}

	get isRunning(): boolean {
		return this.#isRunning;
	}

	get #end(): number {
		return this.#first + this.#items.length;
	}

	#beginRound(): void {
		this.#round = [...this.#next.keys()];
		this.#at = 0;
		this.#until = this.#end;
	}

	#turn(most: number): void {
		for (let writes = 0; writes < most;) {
			if (this.#at < this.#round.length) {
				if (this.#give(this.#round[this.#at++]!)) writes++;
				continue;
			}
			this.#items.splice(0, this.#until - this.#first);
			this.#first = this.#until;
			if (!this.#items.length) return this.#rest();
			this.#beginRound();
		}
		if (this.#isPlanned) return;
		this.#isPlanned = true;
		setImmediate(() => {
			this.#isPlanned = false;
			if (this.#isRunning) this.#turn(TURN);
		});
	}

	#rest(): void {
		this.#isRunning = false;
		this.#round = [];
		this.#shared.clear();
		for (const done of this.#onIdle.splice(0)) done();
	}

	/** @returns whether anything had to be written */
	#give(peer: Peer): boolean {
		const from = this.#next.get(peer);
		if (from === undefined || from === this.#end) return false;
		this.#next.set(peer, this.#end);
		const items = this.#items.slice(from - this.#first);
		const frames = items.some(({ own }) => own?.peer === peer)
			? Buffer.concat(items.flatMap(({ common, own }) => (own?.peer === peer ? own.frame : (common ?? []))))
			: peer.synced
				? this.#commonFrom(from, items)
				: null;
		if (!frames?.length) return false;
		peer.sendFrames(frames);
		return true;
	}

	#commonFrom(from: number, items: readonly Shown[]): Buffer {
		let frames = this.#shared.get(from);
		if (!frames)
			this.#shared.set(from, (frames = Buffer.concat(items.flatMap(({ common }) => common ?? []))));
		return frames;
	}
}
