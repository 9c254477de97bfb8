import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { awarenessStateSchema, type AwarenessState, type Presence } from './awareness.ts';
import { newsMessage, readNews, type CadenceNews } from './cadenceNews.ts';
import { closeText, isFinalClose } from './closeCodes.ts';

/** COL-2: *saved* means stored in PostgreSQL: the server echoes an edit only after its commit. */
export type ConnectionState =
	| { status: 'connecting'; unsaved: number }
	| { status: 'offline'; unsaved: number }
	| { status: 'saving'; unsaved: number }
	| { status: 'saved'; unsaved: 0 }
	| { status: 'viewOnly'; unsaved: 0 }
	/** For good: `text` says why and what to do. Unsaved edits are still in the document. */
	| { status: 'closed'; unsaved: number; code: number; text: string };

export type ConnectionOptions = {
	doc: Y.Doc;
	/** `wss://host/collab` */
	url: string;
	cadenceId: string;
	/** Of the page's data: an older document is refused with 4409. */
	generation: number;
	canEdit: boolean;
	/** What others did to the cadence around the draft. */
	onNews?: (news: CadenceNews) => void;
	WebSocketPolyfill?: typeof WebSocket;
};

const SYNC = 0;
const AWARENESS = 1;
const PRESENCE_MS = 40;

/** The browser's end of a draft: y-websocket with an honest state. Framework-free: `subscribe` tells of changes. */
export class Connection {
	readonly doc: Y.Doc;
	readonly awareness: Awareness;
	#provider: WebsocketProvider;
	#canEdit: boolean;
	#onNews: (news: CadenceNews) => void;
	/** Sent or to be sent, not yet echoed; in the order of sending. */
	#pending: Uint8Array[] = [];
	#wasConnected = false;
	#closed: { code: number; text: string } | null = null;
	#state: ConnectionState = { status: 'connecting', unsaved: 0 };
	#listeners = new Set<(state: ConnectionState) => void>();
	#presence: Partial<Presence> = {};
	#presenceTimer: ReturnType<typeof setTimeout> | null = null;

	constructor({ doc, url, cadenceId, generation, canEdit, onNews, WebSocketPolyfill }: ConnectionOptions) {
		this.doc = doc;
		this.#onNews = onNews ?? (() => undefined);
		this.#canEdit = canEdit;
		this.awareness = new Awareness(doc);
		this.#provider = new WebsocketProvider(url, cadenceId, doc, {
			awareness: this.awareness,
			connect: false,
			// Tabs of one browser must not exchange edits that nobody has stored.
			disableBc: true,
			maxBackoffTime: 15_000,
			params: { generation: String(generation), client: String(doc.clientID) },
			shouldReconnect: (event) => !isFinalClose(event.code),
			...(WebSocketPolyfill && { WebSocketPolyfill })
		});
		this.#wire();
		this.#provider.connect();
	}

	get state(): ConnectionState {
		return this.#state;
	}

	/** Calls back at once and at every change. Answers how to stop. */
	subscribe(listener: (state: ConnectionState) => void): () => void {
		this.#listeners.add(listener);
		listener(this.#state);
		return () => this.#listeners.delete(listener);
	}

	/** What this person points at, selects, drags and edits; sent at most 25 times a second. */
	setPresence(presence: Partial<Presence>): void {
		this.#presence = { ...this.#presence, ...presence };
		this.#presenceTimer ??= setTimeout(() => {
			this.#presenceTimer = null;
			this.awareness.setLocalState({ ...this.#presence });
		}, PRESENCE_MS);
	}

	/** Everybody else who is here, by client id (one person may have several pages open). */
	others(): Map<number, AwarenessState> {
		const others = new Map<number, AwarenessState>();
		for (const [clientId, state] of this.awareness.getStates()) {
			const parsed = clientId === this.awareness.clientID ? null : awarenessStateSchema.safeParse(state);
			if (parsed?.success) others.set(clientId, parsed.data);
		}
		return others;
	}

	/** Resolves when everything is stored; rejects when the connection is closed for good before. */
	saved(): Promise<void> {
		return new Promise((resolve, reject) => {
			let stop: () => void = () => undefined;
			const look = (state: ConnectionState) => {
				if (state.status === 'closed') reject(new Error(state.text));
				else if (state.status !== 'saved' && state.status !== 'viewOnly') return;
				else resolve();
				queueMicrotask(() => stop());
			};
			stop = this.subscribe(look);
		});
	}

	/** Tries again at once, for instance when the browser says it is online. */
	reconnect(): void {
		if (!this.#closed) this.#provider.connect();
	}

	/** The network was lost, says the browser: a socket may take half a minute to notice. Ours is tried anew at once. */
	doubt(): void {
		if (this.#closed) return;
		this.#provider.disconnect();
		this.#provider.connect();
	}

	destroy(): void {
		if (this.#presenceTimer) clearTimeout(this.#presenceTimer);
		this.#listeners.clear();
		this.doc.off('update', this.#onUpdate);
		this.awareness.off('update', this.#onAwareness);
		this.#provider.destroy();
		this.awareness.destroy();
	}

	#wire(): void {
		const provider = this.#provider;
		this.doc.on('update', this.#onUpdate);
		// y-websocket repeats everybody's state to the server; only our own is of interest there.
		this.awareness.off('update', provider._awarenessUpdateHandler);
		this.awareness.on('update', this.#onAwareness);
		provider.messageHandlers[SYNC] = (encoder: encoding.Encoder, decoder: decoding.Decoder) =>
			this.#onSync(encoder, decoder);
		provider.messageHandlers[newsMessage] = (_encoder: encoding.Encoder, decoder: decoding.Decoder) => {
			const news = readNews(decoding.readVarString(decoder));
			if (news) this.#onNews(news);
		};
		provider.on('status', ({ status }) => {
			if (status === 'connected') {
				this.#wasConnected = true;
				// A state with a clock that others have seen would be ignored: they saw us leave with it.
				this.awareness.setLocalState({ ...this.#presence });
			}
			this.#update();
		});
		provider.on('sync', () => this.#update());
		provider.on('closed', ({ code }) => this.#close(code));
	}

	#onUpdate = (update: Uint8Array, origin: unknown): void => {
		if (origin === this.#provider || !this.#canEdit) return;
		this.#pending.push(update);
		this.#update();
	};

	#onAwareness = (_changes: unknown, origin: unknown): void => {
		const { ws, wsconnected } = this.#provider;
		if (origin !== 'local' || !ws || !wsconnected) return;
		const encoder = encoding.createEncoder();
		encoding.writeVarUint(encoder, AWARENESS);
		encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]));
		ws.send(encoding.toUint8Array(encoder));
	};

	#onSync(encoder: encoding.Encoder, decoder: decoding.Decoder): void {
		const isQuestion = decoding.readVarUint(decoder) === 0;
		const bytes = decoding.readVarUint8Array(decoder);
		if (isQuestion) return this.#answer(encoder, bytes);
		try {
			Y.applyUpdate(this.doc, bytes, this.#provider);
		} catch {
			return this.#close(4400);
		}
		this.#provider.synced = true;
		this.#followClientId();
		const index = this.#pending.findIndex((own) => sameBytes(own, bytes));
		// Alone: two people who delete the same send the same bytes, and that of another tells nothing of what came before.
		if (index >= 0) this.#pending.splice(index, 1);
		this.#update();
	}

	/** Yjs takes a new client id when somebody else wrote with ours; y-websocket then needs its presence. */
	#followClientId(): void {
		if (this.awareness.clientID === this.doc.clientID) return;
		this.awareness.clientID = this.doc.clientID;
		this.awareness.setLocalState({ ...this.#presence });
		this.#provider.params = { ...this.#provider.params, client: String(this.doc.clientID) };
	}

	/** The answer holds all that is unsaved, so its echo is the one to wait for. */
	#answer(encoder: encoding.Encoder, stateVector: Uint8Array): void {
		if (!this.#canEdit) return;
		const update = Y.encodeStateAsUpdate(this.doc, stateVector);
		encoding.writeVarUint(encoder, SYNC);
		encoding.writeVarUint(encoder, 1);
		encoding.writeVarUint8Array(encoder, update);
		this.#pending = [update];
		this.#update();
	}

	#close(code: number): void {
		if (this.#closed) return;
		this.#closed = { code, text: closeText(code) };
		this.#update();
		// Not now: y-websocket is still closing, and would call itself for ever.
		queueMicrotask(() => this.#provider.destroy());
	}

	#update(): void {
		const next = this.#derive();
		if (JSON.stringify(next) === JSON.stringify(this.#state)) return;
		this.#state = next;
		for (const listener of [...this.#listeners]) listener(next);
	}

	#derive(): ConnectionState {
		const unsaved = this.#pending.length;
		if (this.#closed) return { status: 'closed', unsaved, ...this.#closed };
		const { wsconnected, synced } = this.#provider;
		if (!wsconnected) return { status: this.#wasConnected ? 'offline' : 'connecting', unsaved };
		if (!synced) return { status: 'connecting', unsaved };
		if (!this.#canEdit) return { status: 'viewOnly', unsaved: 0 };
		return unsaved ? { status: 'saving', unsaved } : { status: 'saved', unsaved: 0 };
	}
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
	a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index]);
