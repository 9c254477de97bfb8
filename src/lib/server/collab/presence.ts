import { maxAwarenessBytes, presenceColor, presenceSchema } from '#lib/collab/awareness.ts';
import { awarenessMessage, frame, type AwarenessEntry } from './messages.ts';
import type { Peer } from './peer.ts';

/** What a process tells the others about one client of a document. */
export type SharedEntry = [clientId: number, clock: number, json: string, userId: string];

type Local = AwarenessEntry & { peer: Peer };
type Remote = AwarenessEntry & { process: string; at: number };

const REMOTE_TTL_MS = 40_000;
const nobody = 'null';

/**
 * Cursors, selections and drags of one document (RELIABILITY.md 3.2.9). A socket speaks for one client id; the name is
 * the session's, whatever was claimed; changes are collected and sent as one shared frame per tick.
 */
export class Presence {
	#local = new Map<number, Local>();
	#remote = new Map<number, Remote>();
	/** Not yet sent to our sockets, or to other processes. */
	#dirty = new Map<number, AwarenessEntry>();
	#unshared = new Map<number, SharedEntry>();

	/** Takes what a socket says about itself. False: it speaks for somebody else or makes no sense. */
	update(peer: Peer, { clientId, clock, json }: AwarenessEntry): boolean {
		if (clientId !== peer.clientId || !Number.isSafeInteger(clock)) return false;
		const known = this.#local.get(clientId);
		// A new socket of the same client takes over from one that is only half closed.
		if (known?.peer === peer && clock <= known.clock && !(clock === known.clock && json === nobody))
			return true;
		const state = json === nobody ? nobody : sanitize(json, peer);
		if (state === null) return false;
		this.#set({ clientId, clock, json: state, peer });
		return true;
	}

	/** A socket closed: others see its person leave. */
	remove(peer: Peer): void {
		const known = peer.clientId === null ? undefined : this.#local.get(peer.clientId);
		if (!known || known.peer !== peer) return;
		this.#set({ ...known, json: nobody });
		this.#local.delete(known.clientId);
	}

	#set(entry: Local): void {
		this.#local.set(entry.clientId, entry);
		this.#dirty.set(entry.clientId, entry);
		const { clientId, clock, json, peer } = entry;
		this.#unshared.set(clientId, [clientId, clock, json, peer.identity.userId]);
	}

	/** States of other processes' clients; they were sanitized there. */
	updateRemote(process: string, states: readonly SharedEntry[], now: number): void {
		for (const [clientId, clock, json] of states) {
			if (this.#local.has(clientId)) continue;
			const known = this.#remote.get(clientId);
			if (json === nobody) this.#remote.delete(clientId);
			else this.#remote.set(clientId, { clientId, clock, json, process, at: now });
			if (known?.clock !== clock || known.json !== json) this.#dirty.set(clientId, { clientId, clock, json });
		}
	}

	/** Clients whose process has fallen silent. */
	expire(now: number): void {
		for (const [clientId, entry] of this.#remote) {
			if (now - entry.at < REMOTE_TTL_MS) continue;
			this.#remote.delete(clientId);
			this.#dirty.set(clientId, { ...entry, json: nobody });
		}
	}

	/** One frame with everything that changed since the last call. */
	takeFrame(): Buffer | null {
		if (!this.#dirty.size) return null;
		const entries = [...this.#dirty.values()];
		this.#dirty.clear();
		return frame(awarenessMessage(entries));
	}

	/** Everybody who is here: what a newcomer is sent. */
	everybody(): Buffer | null {
		const entries = [...this.#local.values(), ...this.#remote.values()].filter(({ json }) => json !== nobody);
		return entries.length ? frame(awarenessMessage(entries)) : null;
	}

	get hasChanges(): boolean {
		return this.#dirty.size > 0;
	}

	get hasUnshared(): boolean {
		return this.#unshared.size > 0;
	}

	/** What other processes have not heard yet, up to a number of bytes as JSON. The rest waits for the next turn. */
	takeUnshared(maxBytes: number): SharedEntry[] {
		const taken: SharedEntry[] = [];
		let bytes = 0;
		for (const [clientId, entry] of this.#unshared) {
			const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
			if (bytes + size > maxBytes) {
				if (size > maxBytes) this.#unshared.delete(clientId);
				continue;
			}
			bytes += size;
			taken.push(entry);
			this.#unshared.delete(clientId);
		}
		return taken;
	}

	/** Tells everything again: a process joined, or it is time to show that we live. */
	shareAll(): void {
		for (const { clientId, clock, json, peer } of this.#local.values())
			this.#unshared.set(clientId, [clientId, clock, json, peer.identity.userId]);
	}
}

function sanitize(json: string, peer: Peer): string | null {
	if (Buffer.byteLength(json) > maxAwarenessBytes) return null;
	try {
		const parsed = presenceSchema.safeParse(JSON.parse(json));
		if (!parsed.success) return null;
		const { userId, name, canEdit } = peer.identity;
		// Who may only watch moves nothing, on nobody's screen.
		const still = canEdit ? {} : { dragging: null, sizing: null, editing: null };
		return JSON.stringify({
			...parsed.data,
			...still,
			user: { id: userId, name, color: presenceColor(userId) }
		});
	} catch {
		return null;
	}
}
