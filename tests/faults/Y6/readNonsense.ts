import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import * as Y from 'yjs';
import { projectDraft, writeDraft } from '../../../src/lib/collab/document.ts';
import { emptyDraft } from '../../../src/lib/domain/cadence/draft.ts';
import { createDoc } from '../../../src/lib/server/collab/gate.ts';
import { Peer } from '../../../src/lib/server/collab/peer.ts';
import { Room, type RoomStore } from '../../../src/lib/server/collab/room.ts';
import { collabLimits } from '../../../src/lib/server/collab/limits.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import { liftedRates } from '../../support/liftedRates.ts';
import { malformedFrame } from './frames.ts';

/** What a peer needs of a socket. */
class Line extends EventEmitter {
	readonly OPEN = 1;
	readonly bufferedAmount = 0;
	readyState = 1;
	close(): void {
		this.readyState = 3;
	}
	terminate(): void {
		this.readyState = 3;
	}
}

/** The same without a wire: each frame is the first that its socket says, so that every single one is read. */
export async function readNonsense(frames: number, random: Random) {
	const limits = { ...collabLimits, ...liftedRates };
	const key = { orgId: 'org', cadenceId: 'cadence' };
	const first = createDoc();
	writeDraft(first, emptyDraft());
	const log = [Y.encodeStateAsUpdate(first)];
	let errors = 0;
	let rejected = 0;
	const store: RoomStore = {
		append: async (_generation, entries) => {
			log.push(...entries.map(({ bytes }) => bytes));
			const last = log.length - 1;
			return {
				kind: 'stored',
				stored: [...entries],
				first: last - entries.length + 1,
				last,
				stale: [],
				stolen: []
			};
		},
		readAfter: async (generation, seq) => ({ generation, seq, updates: [] }),
		recheck: async () => undefined,
		onStored: () => undefined,
		onRejected: () => rejected++,
		onError: () => errors++,
		onEmpty: () => undefined
	};
	const room = new Room(key, { generation: 1, seq: 0, updates: [...log], owners: new Map() }, limits, store);
	const identity = { userId: 'ann', name: 'Ann', sessionId: 's', epoch: 0, canEdit: true };
	const silent = { write: () => true } as unknown as Duplex;
	let longestMs = 0;
	for (let n = 0; n < frames; n++) {
		const line = new Line();
		const peer = new Peer(key, identity, line as unknown as WebSocket, silent, limits);
		room.join(peer);
		const worked = process.threadCpuUsage();
		line.emit('message', malformedFrame(random), true);
		const { user, system } = process.threadCpuUsage(worked);
		longestMs = Math.max(longestMs, (user + system) / 1000);
		line.emit('close');
		if (n % 500 === 0) await new Promise((done) => setImmediate(done));
	}
	await room.settled();
	const doc = createDoc();
	for (const update of log) Y.applyUpdate(doc, update);
	const { draft, dropped } = projectDraft(doc);
	const strangeParts = dropped.length + Object.keys(draft.nodes).length - 1;
	room.destroy();
	return {
		read: frames,
		strangeParts,
		errors,
		rejected,
		legalEdits: log.length - 1,
		longestMs: Math.round(longestMs)
	};
}
