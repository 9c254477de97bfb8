import type { Duplex } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { closeCodes } from '#lib/collab/closeCodes.ts';
import { withOrg, type Db } from '../db/client.ts';
import { appendUpdates } from './appendUpdates.ts';
import { Bus, type BusMessage } from './bus.ts';
import { collabLimits, type CollabLimits } from './limits.ts';
import { loadDocument, loadOwners, type DocumentKey } from './loadDocument.ts';
import { readAfter, readHeads } from './readAfter.ts';
import { recheckPeers } from './recheckPeers.ts';
import { auditRejection, type CollabCounters } from './rejections.ts';
import { Room, type LoadedDocument, type RoomStore } from './room.ts';
import { Rooms } from './rooms.ts';
import { SharedPresence } from './sharedPresence.ts';
import { Gatekeeper } from './upgrade.ts';
import { within } from './within.ts';
import { frame, awarenessMessage, newsFrame } from './messages.ts';

export type CollabOptions = {
	db: Db;
	/** Exactly what the Origin header must say. */
	origin: string;
	limits?: Partial<CollabLimits>;
	/** How often sessions, rights and logs are read again, whether or not a hint came. */
	pollMs?: number;
	/** Off: no hints between processes, the poll alone (tests of a lost NOTIFY). */
	useNotify?: boolean;
	/** How a document is read; tests make it slow or fail. */
	load?: (key: DocumentKey) => Promise<LoadedDocument>;
	/** The client's address: behind a proxy the socket's own is the proxy's. */
	addressOf?: (req: IncomingMessage) => string;
	onError?: (error: unknown) => void;
};

export type Collab = {
	handleUpgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
	/** Closes all sockets with 1001 and resolves when everything taken in is stored. */
	drain: () => Promise<void>;
	counters: Readonly<CollabCounters>;
	openSockets: () => number;
	/** Reads rights and logs now. */
	poll: () => Promise<void>;
};

const KEEP_ALIVE_MS = 10_000;
const PROBE_MS = 30_000;
const keepAlive = frame(awarenessMessage([]));

/** The collaboration server of one process. Any process may serve any draft (RELIABILITY.md 3.2.12). */
export function createCollab(options: CollabOptions): Collab {
	const { db, origin, pollMs = 15_000, useNotify = true } = options;
	const limits: CollabLimits = { ...collabLimits, ...options.limits };
	const onError = options.onError ?? (() => undefined);
	const counters: CollabCounters = { stored: 0, rejected: 0, opened: 0, refused: 0 };
	const load = options.load ?? ((key) => readWhole(db, key));

	const bus = new Bus(db, onMessage, onError);
	const rooms = new Rooms(openRoom, limits.idleMs);
	const presence = new SharedPresence(bus, rooms, limits);
	const gatekeeper = new Gatekeeper({
		db,
		origin,
		limits,
		addressOf: options.addressOf ?? ((req) => req.socket.remoteAddress ?? ''),
		onError,
		onRefused: () => counters.refused++,
		onAccepted: (peer, generation) => {
			counters.opened++;
			rooms.enter(peer, generation).catch(onError);
		}
	});

	async function openRoom(key: DocumentKey): Promise<Room> {
		const loaded = await within(limits.storeMs, load(key)).catch((error: unknown) => {
			onError(error);
			throw error;
		});
		bus.send([{ kind: 'who', from: bus.id, ...key }]);
		return new Room(key, loaded, limits, storeOf(key));
	}

	const storeOf = (key: DocumentKey): RoomStore => ({
		append: (generation, entries) =>
			within(limits.storeMs, appendUpdates(db, key, generation, entries, limits.compactEvery)),
		readAfter: (generation, seq) => within(limits.storeMs, readAfter(db, key, generation, seq)),
		recheck: (peers) => within(limits.storeMs, recheckPeers(db, peers)),
		onStored: (room, edits) => {
			counters.stored += edits;
			presence.announce(room);
		},
		onRejected: (peer, reason) => {
			counters.rejected++;
			auditRejection(db, peer, reason).catch(onError);
		},
		onError,
		onEmpty: (room) => rooms.release(room)
	});

	function onMessage(message: BusMessage): void {
		switch (message.kind) {
			case 'document': {
				const room = rooms.find(message);
				if (room && (message.generation !== room.generation || message.seq > room.seq)) room.catchUp();
				return;
			}
			case 'news': {
				const frames = newsFrame(message.news);
				for (const peer of rooms.find(message)?.peers ?? []) peer.sendFrames(frames);
				return;
			}
			case 'user':
				recheckPeers(
					db,
					rooms.peers().filter(({ identity }) => identity.userId === message.userId)
				).catch(onError);
				return;
			case 'awareness':
				rooms.find(message)?.presence.updateRemote(message.from, message.states, Date.now());
				return;
			case 'who':
				rooms.find(message)?.presence.shareAll();
				return;
			case 'hello':
				for (const room of rooms.all()) room.presence.shareAll();
		}
	}

	async function poll(): Promise<void> {
		await recheckPeers(db, rooms.peers());
		const heads = await readHeads(
			db,
			rooms.all().map(({ key }) => key)
		);
		for (const room of rooms.all()) {
			const head = heads.get(room.key.cadenceId);
			if (!head || head.generation !== room.generation || head.seq > room.seq) room.catchUp();
		}
	}

	let polling: Promise<void> | null = null;
	const pollOnce = () => (polling ??= within(limits.storeMs, poll()).finally(() => (polling = null)));
	const every = (ms: number, fn: () => void) => {
		const timer = setInterval(fn, ms);
		timer.unref();
		return timer;
	};
	const timers = [
		every(pollMs, () => {
			pollOnce().catch(onError);
			presence.renew();
		}),
		every(KEEP_ALIVE_MS, () => rooms.peers().forEach((peer) => peer.sendFrames(keepAlive))),
		every(PROBE_MS, () => rooms.peers().forEach((peer) => peer.probe()))
	];
	presence.start();
	if (useNotify) bus.start(() => void pollOnce().catch(onError)).catch(onError);

	return {
		handleUpgrade: (req, socket, head) => gatekeeper.handle(req, socket, head),
		counters,
		openSockets: () => rooms.peers().length,
		poll: pollOnce,
		drain: async () => {
			gatekeeper.close();
			timers.forEach((timer) => clearInterval(timer));
			presence.stop();
			rooms.peers().forEach((peer) => peer.close(closeCodes.goingAway, 'the server restarts'));
			await rooms.settle();
			await polling?.catch(() => undefined);
			rooms.clear();
			await bus.stop();
		}
	};
}

const readWhole = (db: Db, key: DocumentKey): Promise<LoadedDocument> =>
	withOrg(db, key.orgId, async (tx) => {
		const stored = await loadDocument(tx, key);
		return { ...stored, owners: await loadOwners(tx, key, stored.generation) };
	});
