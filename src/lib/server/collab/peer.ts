import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { closeCodes, type CloseCode } from '#lib/collab/closeCodes.ts';
import type { CollabLimits } from './limits.ts';
import type { DocumentKey } from './loadDocument.ts';
import { frame, readMessage, type Incoming } from './messages.ts';
import { TokenBucket } from './tokenBucket.ts';

/** Who is behind a socket, as of the last look at session, user and profile. */
export type PeerIdentity = {
	userId: string;
	name: string;
	/** Hash of the session id. */
	sessionId: string;
	epoch: number;
	canEdit: boolean;
};

export interface MessageSink {
	receive: (peer: Peer, message: Incoming) => void;
	leave: (peer: Peer) => void;
}

/** One open socket on one document. Reads with a rate limit, writes with a cap; knows nothing of Yjs. */
export class Peer {
	readonly key: DocumentKey;
	/** Read anew for every message: a change of rights needs no reconnect (RELIABILITY.md 3.2.3). */
	identity: PeerIdentity;
	/** The Yjs client id this socket speaks for. */
	clientId: number | null = null;
	/** Has been sent the document, so further updates make sense to it. */
	synced = false;
	/** Gapped or unusable messages in a row. */
	strikes = 0;
	askedAt = 0;
	#ws: WebSocket;
	#socket: Duplex;
	#limits: CollabLimits;
	#sink: MessageSink | null = null;
	#held: Incoming[] = [];
	#heldBytes = 0;
	#messages: TokenBucket;
	#bytes: TokenBucket;
	#alive = true;

	constructor(key: DocumentKey, identity: PeerIdentity, ws: WebSocket, socket: Duplex, limits: CollabLimits) {
		this.key = key;
		this.identity = identity;
		this.#ws = ws;
		this.#socket = socket;
		this.#limits = limits;
		this.#messages = new TokenBucket(limits.messagesPerSecond, limits.messageBurst);
		this.#bytes = new TokenBucket(limits.bytesPerSecond, limits.byteBurst);
		ws.on('message', (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary));
		ws.on('close', () => this.#sink?.leave(this));
		ws.on('pong', () => (this.#alive = true));
		// Errors of one socket end that socket only; 'close' follows.
		ws.on('error', () => ws.terminate());
	}

	get isOpen(): boolean {
		return this.#ws.readyState === this.#ws.OPEN;
	}

	/** It has not read what was sent before. */
	get isBehind(): boolean {
		return this.#ws.bufferedAmount > 0;
	}

	/** What arrived while the document was loading is handed over first. */
	connect(sink: MessageSink): void {
		this.#sink = sink;
		for (const message of this.#held.splice(0)) if (this.isOpen) sink.receive(this, message);
	}

	send(payload: Uint8Array): void {
		this.sendFrames(frame(payload));
	}

	/** Ready frames, usually shared with other sockets. A reader that never reads is cut off. */
	sendFrames(frames: Buffer): void {
		if (!this.isOpen) return;
		if (this.#ws.bufferedAmount > this.#limits.bufferedBytes) return this.#ws.terminate();
		this.#socket.write(frames);
	}

	close(code: CloseCode, reason: string): void {
		if (this.isOpen) this.#ws.close(code, reason.slice(0, 120));
		// A peer that does not answer the close does not keep its socket.
		setTimeout(() => this.#ws.terminate(), 2_000).unref();
	}

	/** Ends a socket whose other side has silently gone. Called every half a minute. */
	probe(): void {
		if (!this.#alive) return this.#ws.terminate();
		this.#alive = false;
		if (this.isOpen) this.#ws.ping();
	}

	#onMessage(data: Buffer, isBinary: boolean): void {
		if (!this.isOpen) return;
		const wait = Math.max(this.#messages.take(1), this.#bytes.take(data.byteLength));
		if (wait > 0) {
			this.#ws.pause();
			setTimeout(() => this.#ws.resume(), Math.min(wait, 5_000)).unref();
		}
		const message = isBinary ? readMessage(data) : null;
		if (!message) return this.close(closeCodes.badMessage, 'a message cannot be read');
		if (this.#sink) return this.#sink.receive(this, message);
		this.#heldBytes += data.byteLength;
		this.#held.push(message);
		if (this.#held.length > this.#limits.heldMessages || this.#heldBytes > this.#limits.maxPayload)
			this.close(closeCodes.tryAgain, 'the document is still loading');
	}
}
