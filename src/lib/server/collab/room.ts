import * as Y from 'yjs';
import { closeCodes, type CloseCode } from '#lib/collab/closeCodes.ts';
import type { AppendEntry, AppendResult } from './appendUpdates.ts';
import { createDoc, Gate } from './gate.ts';
import type { CollabLimits } from './limits.ts';
import type { DocumentKey } from './loadDocument.ts';
import { askForMissing, frame, readAwareness, updateMessage, type Incoming } from './messages.ts';
import type { MessageSink, Peer } from './peer.ts';
import { Presence } from './presence.ts';
import { SharedAnswers } from './sharedAnswers.ts';

export type LoadedDocument = {
	generation: number;
	seq: number;
	updates: Uint8Array[];
	owners: Map<number, string>;
};

/** What a room needs of the world. */
export type RoomStore = {
	append: (generation: number, entries: readonly QueueEntry[]) => Promise<AppendResult<QueueEntry>>;
	/** The log after a number; `complete` is false when compaction took part of it: then it is the whole document. */
	readAfter: (
		generation: number,
		seq: number
	) => Promise<{ generation: number; seq: number; updates: Uint8Array[] } | null>;
	/** Looks at the rights of these peers again; closes those that lost them. */
	recheck: (peers: readonly Peer[]) => Promise<void>;
	onStored: (room: Room, edits: number) => void;
	onRejected: (peer: Peer, reason: string) => void;
	onError: (error: unknown) => void;
	onEmpty: (room: Room) => void;
};

/** `bytes` null: nothing new, but the sender is told when everything before it is stored. */
export type QueueEntry = AppendEntry & { original: Uint8Array; peer: Peer; isKnown: boolean };

const BATCH = 500;
const GAP_STRIKES = 500;

/** One document with its sockets in this process. */
export class Room implements MessageSink {
	readonly key: DocumentKey;
	readonly generation: number;
	readonly peers = new Set<Peer>();
	readonly presence = new Presence();
	/** The last log number that is in the document here. */
	seq: number;
	#doc = createDoc();
	/** Stored but not yet in `#doc`: it is brought up to date when somebody asks for it. */
	#unapplied: Uint8Array[] = [];
	#gate: Gate;
	/** Client id -> user: from the table, and tentatively from who came first here. */
	#owners: Map<number, string>;
	/** Client ids whose owner the table holds; others are claimed when their update is stored. */
	#verified: Set<number>;
	#queue: QueueEntry[] = [];
	#storing: QueueEntry[] = [];
	#turn: Promise<void> | null = null;
	#isBehind = false;
	#isClosed = false;
	#answers = new SharedAnswers();
	#limits: CollabLimits;
	#store: RoomStore;

	constructor(key: DocumentKey, loaded: LoadedDocument, limits: CollabLimits, store: RoomStore) {
		this.key = key;
		this.generation = loaded.generation;
		this.seq = loaded.seq;
		this.#unapplied.push(...loaded.updates);
		this.#owners = loaded.owners;
		this.#verified = new Set(loaded.owners.keys());
		this.#limits = limits;
		this.#store = store;
		this.#gate = new Gate(limits, () => this.#accepted());
	}

	join(peer: Peer): void {
		if (peer.clientId !== null && !this.#claim(peer, peer.clientId)) {
			peer.clientId = null;
			// It never was here, so nothing tells when it has gone.
			if (!this.peers.size) this.#store.onEmpty(this);
			return this.#reject(peer, closeCodes.badMessage, 'this client id belongs to somebody else');
		}
		this.peers.add(peer);
		peer.send(askForMissing(Y.encodeStateVector(this.#current())));
		const here = this.presence.everybody();
		if (here) peer.sendFrames(here);
		peer.connect(this);
	}

	leave(peer: Peer): void {
		if (!this.peers.delete(peer)) return;
		this.presence.remove(peer);
		if (!this.peers.size) this.#store.onEmpty(this);
	}

	receive(peer: Peer, message: Incoming): void {
		if (this.#isClosed) return;
		switch (message.kind) {
			case 'step1':
				return this.#answer(peer, message.vector);
			case 'update':
				// VER-1: a view-only socket may watch; what it sends is dropped.
				return peer.identity.canEdit ? this.#takeIn(peer, message.bytes) : undefined;
			case 'awareness':
				return this.#listen(peer, message.bytes);
			case 'queryAwareness': {
				const here = this.presence.everybody();
				if (here) peer.sendFrames(here);
			}
		}
	}

	/** Whoever asks again before reading the last answer gets none: a page asks once. */
	#answer(peer: Peer, vector: Uint8Array): void {
		if (peer.synced && peer.isBehind)
			return ++peer.strikes > this.#limits.strikes
				? this.#reject(peer, closeCodes.badMessage, 'questions whose answers are not read')
				: undefined;
		try {
			peer.sendFrames(this.#answers.get(this.#current(), vector));
			peer.synced = true;
		} catch {
			this.#reject(peer, closeCodes.badMessage, 'a state vector cannot be read');
		}
	}

	#listen(peer: Peer, bytes: Uint8Array): void {
		const entries = readAwareness(bytes, 500);
		if (!entries) return this.#reject(peer, closeCodes.badMessage, 'an awareness message cannot be read');
		for (const entry of entries) {
			if (peer.clientId === null && this.#claim(peer, entry.clientId)) peer.clientId = entry.clientId;
			// Clients pass on what they hear of others; only what one says of itself counts.
			if (entry.clientId === peer.clientId) this.presence.update(peer, entry);
		}
	}

	/** Others learn a client id from awareness, before its first edit: it is kept for its user from then on. */
	#claim(peer: Peer, clientId: number): boolean {
		if (!this.#mayWrite(peer, clientId)) return false;
		this.#owners.set(clientId, peer.identity.userId);
		return true;
	}

	#mayWrite(peer: Peer, clientId: number): boolean {
		const owner = this.#owners.get(clientId);
		return owner === undefined || owner === peer.identity.userId;
	}

	#takeIn(peer: Peer, original: Uint8Array): void {
		const { userId, sessionId, epoch } = peer.identity;
		const verdict = this.#gate.check(original, (clientId) => this.#mayWrite(peer, clientId), userId);
		const entry = { original, peer, author: { userId, sessionId, epoch } };
		switch (verdict.kind) {
			case 'accepted':
				peer.strikes = 0;
				for (const clientId of verdict.clients) this.#owners.set(clientId, userId);
				return this.#enqueue({
					...entry,
					bytes: verdict.bytes,
					newClients: verdict.clients.filter((clientId) => !this.#verified.has(clientId)),
					said: verdict.said,
					isKnown: false
				});
			case 'known':
				return this.#enqueue({ ...entry, bytes: original, newClients: [], said: [], isKnown: true });
			case 'gap':
				return this.#ask(peer);
			case 'rejected':
				return this.#reject(peer, verdict.code, verdict.reason);
		}
	}

	/** Something is missing before an edit: perhaps other processes have it, surely the sender does. */
	#ask(peer: Peer): void {
		if (++peer.strikes > GAP_STRIKES) return this.#reject(peer, closeCodes.badMessage, 'edits with gaps');
		const now = performance.now();
		if (now - peer.askedAt < 250) return;
		peer.askedAt = now;
		this.catchUp();
		void this.#turn?.then(() => peer.send(askForMissing(Y.encodeStateVector(this.#current()))));
	}

	#reject(peer: Peer, code: CloseCode, reason: string): void {
		peer.close(code, reason);
		this.#store.onRejected(peer, reason);
	}

	#enqueue(entry: QueueEntry): void {
		this.#queue.push(entry);
		this.#wake();
	}

	/** Reads what other processes stored meanwhile. */
	catchUp(): void {
		this.#isBehind = true;
		this.#wake();
	}

	/** One piece of work at a time, after this event-loop turn, so that a turn's edits are stored together. */
	#wake(): void {
		this.#turn ??= new Promise<void>((done) => setImmediate(done))
			.then(() => this.#work())
			.catch((error: unknown) => this.#fail(error))
			.finally(() => {
				this.#turn = null;
				if (!this.#isClosed && (this.#queue.length || this.#isBehind)) this.#wake();
			});
	}

	async #work(): Promise<void> {
		while (!this.#isClosed && (this.#queue.length || this.#isBehind)) {
			if (this.#isBehind) {
				this.#isBehind = false;
				await this.#readMissing();
			}
			if (this.#queue.length && !this.#isClosed) await this.#storeBatch();
		}
	}

	async #storeBatch(): Promise<void> {
		const batch = this.#queue.splice(0, BATCH);
		const fresh = batch.filter(({ isKnown }) => !isKnown);
		this.#storing = batch;
		const result: AppendResult<QueueEntry> = fresh.length
			? await this.#store.append(this.generation, fresh)
			: { kind: 'stored', stored: [], first: 0, last: -1, stale: [], stolen: [] };
		this.#storing = [];
		if (result.kind === 'replaced') return this.closeAll(closeCodes.replaced, 'the draft was replaced');
		if (result.kind === 'gone') return this.closeAll(closeCodes.notFound, 'the cadence was deleted');
		await this.#settle(batch, result);
	}

	async #settle(
		batch: QueueEntry[],
		result: Extract<AppendResult<QueueEntry>, { kind: 'stored' }>
	): Promise<void> {
		const { stored, first, last, stale, stolen } = result;
		if (stored.length) {
			this.#unapplied.push(...stored.map(({ bytes }) => bytes));
			for (const { newClients } of stored) for (const clientId of newClients) this.#verified.add(clientId);
			if (first > this.seq + 1) await this.#readMissing(first - 1);
			this.seq = Math.max(this.seq, last);
		}
		const refused = new Set([...stale, ...stolen]);
		this.#broadcast(batch.filter((entry) => !refused.has(entry)));
		for (const { peer } of stolen)
			this.#reject(peer, closeCodes.forbidden, 'a client id belongs to somebody else');
		if (stale.length) await this.#lookAgain(stale);
		if (refused.size) this.#gate.reset();
		if (stored.length) this.#store.onStored(this, stored.length);
	}

	/** Rights changed since these were taken in. Who may still edit keeps them; they go in front, in their order. */
	async #lookAgain(entries: QueueEntry[]): Promise<void> {
		const peers = [...new Set(entries.map(({ peer }) => peer))];
		// A change of rights that is not committed yet is waited for.
		await new Promise((done) => setTimeout(done, 20));
		await this.#store.recheck(peers);
		const kept = entries.filter(({ peer }) => peer.isOpen && peer.identity.canEdit);
		for (const entry of kept) entry.author = { ...entry.author, epoch: entry.peer.identity.epoch };
		const lost = new Set(peers.filter((peer) => !peer.isOpen || !peer.identity.canEdit));
		this.#queue = [...kept, ...this.#queue.filter(({ peer }) => !lost.has(peer))];
	}

	/** The echo is the acknowledgment: everybody, the sender too, sees only what is stored. */
	#broadcast(entries: QueueEntry[]): void {
		if (!entries.length) return;
		const shared: Buffer[] = [];
		const special = new Map<Peer, Buffer[]>();
		for (const { peer, bytes, original, isKnown } of entries) {
			const common = isKnown ? null : frame(updateMessage(bytes));
			const own = bytes === original && common ? common : frame(updateMessage(original));
			if (own !== common && !special.has(peer)) special.set(peer, [...shared]);
			if (common) shared.push(common);
			for (const [other, frames] of special) {
				if (other === peer) frames.push(own);
				else if (common) frames.push(common);
			}
		}
		const all = Buffer.concat(shared);
		for (const peer of this.peers) {
			const own = special.get(peer);
			if (own) peer.sendFrames(Buffer.concat(own));
			else if (peer.synced && all.length) peer.sendFrames(all);
		}
	}

	async #readMissing(upTo = Number.MAX_SAFE_INTEGER): Promise<void> {
		if (this.seq >= upTo) return;
		const found = await this.#store.readAfter(this.generation, this.seq);
		if (!found) return this.closeAll(closeCodes.notFound, 'the cadence was deleted');
		if (found.generation !== this.generation)
			return this.closeAll(closeCodes.replaced, 'the draft was replaced');
		this.seq = Math.max(this.seq, found.seq);
		if (!found.updates.length) return;
		for (const update of found.updates) this.#gate.applyTrusted(update);
		this.#unapplied.push(...found.updates);
		const frames = Buffer.concat(found.updates.map((update) => frame(updateMessage(update))));
		for (const peer of this.peers) if (peer.synced) peer.sendFrames(frames);
	}

	/** Storing failed: what was taken in is offered again by its senders when they reconnect. */
	#fail(error: unknown): void {
		this.#store.onError(error);
		this.closeAll(closeCodes.tryAgain, 'storing failed, try again');
	}

	/** After it the room takes nothing in; a new one is loaded for who comes next. */
	closeAll(code: CloseCode, reason: string): void {
		this.#isClosed = true;
		this.#queue = [];
		for (const peer of this.peers) peer.close(code, reason);
		this.#store.onEmpty(this);
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	get isSettling(): boolean {
		return this.#turn !== null;
	}

	/** Resolves when everything taken in is stored or refused. */
	async settled(): Promise<void> {
		while (this.#turn) await this.#turn;
	}

	destroy(): void {
		this.#isClosed = true;
		this.#gate.reset();
		this.#doc.destroy();
	}

	/** The document as stored. */
	#current(): Y.Doc {
		const updates = this.#unapplied.splice(0);
		if (!updates.length) return this.#doc;
		this.#answers.forget();
		this.#doc.transact(() => {
			for (const update of updates) Y.applyUpdate(this.#doc, update);
		});
		return this.#doc;
	}

	/** What the gate's shadow consists of: stored, being stored, waiting. */
	*#accepted(): Iterable<Uint8Array> {
		yield Y.encodeStateAsUpdate(this.#current());
		for (const { bytes, isKnown } of [...this.#storing, ...this.#queue]) if (!isKnown) yield bytes;
	}
}
