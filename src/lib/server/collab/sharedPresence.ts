import type { Bus, BusMessage } from './bus.ts';
import type { CollabLimits } from './limits.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/**
 * The clock of everything that need not be instant: awareness to our own sockets (25 times a second), awareness and
 * "the log moved on" to other processes (20 times a second, one NOTIFY per document, under 8,000 bytes).
 */
export class SharedPresence {
	#bus: Bus;
	#rooms: Rooms;
	#limits: CollabLimits;
	#moved = new Set<Room>();
	#timers: NodeJS.Timeout[] = [];

	constructor(bus: Bus, rooms: Rooms, limits: CollabLimits) {
		this.#bus = bus;
		this.#rooms = rooms;
		this.#limits = limits;
	}

	start(): void {
		this.#timers = [
			setInterval(() => this.#toSockets(), this.#limits.awarenessMs),
			setInterval(() => this.#toProcesses(), this.#limits.remoteAwarenessMs)
		];
		this.#timers.forEach((timer) => timer.unref());
	}

	stop(): void {
		this.#timers.forEach((timer) => clearInterval(timer));
	}

	/** The log of this room moved on: told to the others with the next turn. */
	announce(room: Room): void {
		this.#moved.add(room);
	}

	/** From time to time: shows the others that we live, and forgets who fell silent. */
	renew(): void {
		this.#bus.greet();
		for (const room of this.#rooms.all()) {
			room.presence.expire(Date.now());
			room.presence.shareAll();
		}
	}

	#toSockets(): void {
		for (const room of this.#rooms.all()) {
			const frames = room.presence.takeFrame();
			if (frames) for (const peer of room.peers) peer.sendFrames(frames);
		}
	}

	#toProcesses(): void {
		const moved = [...this.#moved];
		this.#moved.clear();
		if (!this.#bus.hasOthers) return;
		const messages: BusMessage[] = moved.map(({ key, generation, seq }) => ({
			kind: 'document',
			from: this.#bus.id,
			...key,
			generation,
			seq
		}));
		for (const { key, presence } of this.#rooms.all()) {
			if (!presence.hasUnshared) continue;
			const message: BusMessage = { kind: 'awareness', from: this.#bus.id, ...key, states: [] };
			message.states = presence.takeUnshared(this.#limits.notifyBytes - JSON.stringify(message).length);
			if (message.states.length) messages.push(message);
		}
		this.#bus.send(messages);
	}
}
