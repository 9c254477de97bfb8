import { closeCodes } from '#lib/collab/closeCodes.ts';
import type { DocumentKey } from './loadDocument.ts';
import type { Peer } from './peer.ts';
import type { Room } from './room.ts';

/**
 * The documents that are open in this process. A document is loaded once, before anybody is answered; a failed load
 * closes its sockets and starts nothing empty; it is unloaded when idle and everything is stored (RELIABILITY.md 3.2.6).
 */
export class Rooms {
	#rooms = new Map<string, Promise<Room>>();
	#open = new Map<string, Room>();
	#timers = new Map<string, NodeJS.Timeout>();
	#load: (key: DocumentKey) => Promise<Room>;
	#idleMs: number;

	constructor(load: (key: DocumentKey) => Promise<Room>, idleMs: number) {
		this.#load = load;
		this.#idleMs = idleMs;
	}

	/** Brings a socket into its document. */
	async enter(peer: Peer, generation: number): Promise<void> {
		const id = idOf(peer.key);
		clearTimeout(this.#timers.get(id));
		const loading = this.#rooms.get(id) ?? this.#begin(peer.key, id);
		let room: Room;
		try {
			room = await loading;
		} catch {
			return peer.close(closeCodes.tryAgain, 'the document cannot be loaded now');
		}
		if (room.isClosed) return peer.close(closeCodes.tryAgain, 'try again');
		if (room.generation !== generation) {
			// The upgrade has read the generation: a lower one here has not heard of its replacement yet.
			const isBehind = room.generation < generation;
			if (isBehind) room.catchUp();
			else if (!room.peers.size) this.release(room);
			const [code, reason] = isBehind
				? ([closeCodes.tryAgain, 'the draft is loading'] as const)
				: ([closeCodes.replaced, 'the draft was replaced'] as const);
			return peer.close(code, reason);
		}
		// It may have gone while the document loaded.
		if (peer.isOpen) room.join(peer);
		else this.release(room);
	}

	#begin(key: DocumentKey, id: string): Promise<Room> {
		const loading = this.#load(key);
		this.#rooms.set(id, loading);
		loading.then(
			(room) => this.#open.set(id, room),
			() => this.#rooms.delete(id)
		);
		return loading;
	}

	find(key: DocumentKey): Room | undefined {
		return this.#open.get(idOf(key));
	}

	all(): Room[] {
		return [...this.#open.values()];
	}

	peers(): Peer[] {
		return this.all().flatMap((room) => [...room.peers]);
	}

	/** Nobody is on it any more: unload it after a while, at once when it is closed. */
	release(room: Room): void {
		const id = idOf(room.key);
		clearTimeout(this.#timers.get(id));
		if (room.isClosed) return this.#drop(id, room);
		const timer = setTimeout(() => void this.#unload(id, room), this.#idleMs);
		timer.unref();
		this.#timers.set(id, timer);
	}

	async #unload(id: string, room: Room): Promise<void> {
		await room.settled();
		if (!room.peers.size && !room.isSettling) this.#drop(id, room);
	}

	#drop(id: string, room: Room): void {
		this.#timers.delete(id);
		if (this.#open.get(id) === room) {
			this.#open.delete(id);
			this.#rooms.delete(id);
		}
		void room.settled().then(() => room.destroy());
	}

	/** Everything taken in is stored or refused. */
	async settle(): Promise<void> {
		await Promise.all(this.all().map((room) => room.settled()));
	}

	clear(): void {
		for (const timer of this.#timers.values()) clearTimeout(timer);
		for (const [id, room] of this.#open) this.#drop(id, room);
	}
}

const idOf = ({ orgId, cadenceId }: DocumentKey): string => `${orgId}/${cadenceId}`;
