import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { closeCodes } from '#lib/collab/closeCodes.ts';
import { writeDraft } from '#lib/collab/document.ts';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import type { AppendResult } from './appendUpdates.ts';
import { createDoc } from './gate.ts';
import { collabLimits } from './limits.ts';
import { frame, updateMessage } from './messages.ts';
import type { Peer } from './peer.ts';
import { Room, type QueueEntry } from './room.ts';

type Result = AppendResult<QueueEntry>;
type Append = { entries: readonly QueueEntry[]; end: (result?: Result) => void; fail: () => void };

/** A room whose store ends each write when the test says so. */
function roomWithSlowStore() {
	const base = createDoc();
	writeDraft(base, emptyDraft());
	const loaded = { generation: 1, seq: 1, updates: [Y.encodeStateAsUpdate(base)], owners: new Map() };
	const appends: Append[] = [];
	const empty: boolean[] = [];
	let seq = 1;
	const room = new Room({ orgId: 'org', cadenceId: 'cadence' }, loaded, collabLimits, {
		append: (_generation, entries) => {
			const { promise, resolve, reject } = Promise.withResolvers<Result>();
			const first = seq + 1;
			const stored = {
				kind: 'stored' as const,
				stored: [...entries],
				first,
				last: first + entries.length - 1
			};
			seq = stored.last;
			const end = (result: Result = { ...stored, stale: [], stolen: [] }) => resolve(result);
			appends.push({ entries, end, fail: () => reject(new Error('The database is away.')) });
			return promise;
		},
		readAfter: async () => null,
		recheck: async () => undefined,
		onStored: () => undefined,
		onRejected: () => undefined,
		onError: () => undefined,
		onEmpty: () => empty.push(room.isClosed)
	});
	return { room, base, appends, empty };
}

function openPeer(room: Room, { userId = 'ada', clientId = null as number | null } = {}) {
	const shown: Buffer[] = [];
	const closed: number[] = [];
	const peer = {
		key: room.key,
		identity: { userId, name: 'Ada', sessionId: 's', epoch: 1, canEdit: true },
		clientId,
		synced: true,
		strikes: 0,
		askedAt: 0,
		isOpen: true,
		isBehind: false,
		send: () => undefined,
		sendFrames: (frames: Buffer) => (closed.length ? 0 : shown.push(frames)),
		close: (code: number) => closed.push(code),
		connect: () => undefined
	} as unknown as Peer;
	room.join(peer);
	return { peer, shown, closed };
}

/** One who draws a step and drags it about; each call is one update. */
function drawer(base: Y.Doc) {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
	let update: Uint8Array = new Uint8Array();
	doc.on('update', (bytes: Uint8Array) => (update = bytes));
	const nodes = doc.getMap<Y.Map<unknown>>('nodes');
	return (n: number): Uint8Array => {
		doc.transact(() => {
			const step = nodes.get('step') ?? new Y.Map<unknown>([['kind', 'task']]);
			step.set('pos', [n, n]);
			if (!nodes.has('step')) nodes.set('step', step);
		});
		return update;
	};
}

const turns = async () => {
	for (let n = 0; n < 8; n++) await new Promise((done) => setImmediate(done));
};

test('COL-2: what comes while edits are being stored is stored together after them; each is shown after its own commit, in order', async () => {
	const { room, base, appends } = roomWithSlowStore();
	const { peer, shown } = openPeer(room);
	const draw = drawer(base);
	const edits = [draw(1), draw(2), draw(3)];
	const give = (bytes: Uint8Array) => room.receive(peer, { kind: 'update', bytes });

	give(edits[0]!);
	await turns();
	expect(appends).toHaveLength(1);
	give(edits[1]!);
	give(edits[2]!);
	await turns();
	expect(appends).toHaveLength(1);
	expect(shown).toEqual([]);

	appends[0]!.end();
	await turns();
	expect(appends[1]!.entries.map(({ bytes }) => bytes)).toEqual(edits.slice(1));
	expect(shown).toEqual([frame(updateMessage(edits[0]!))]);

	appends[1]!.end();
	await room.settled();
	expect(Buffer.concat(shown)).toEqual(Buffer.concat(edits.map((edit) => frame(updateMessage(edit)))));
	expect(room.seq).toBe(4);
});

test('COL-2: when storing fails, what was stored before is shown, what was not is not, and the room closes', async () => {
	const { room, base, appends } = roomWithSlowStore();
	const { peer, shown, closed } = openPeer(room);
	const draw = drawer(base);
	const edits = [draw(1), draw(2)];
	room.receive(peer, { kind: 'update', bytes: edits[0]! });
	await turns();
	room.receive(peer, { kind: 'update', bytes: edits[1]! });
	appends[0]!.end();
	await turns();
	appends[1]!.fail();
	await room.settled();
	expect(shown).toEqual([frame(updateMessage(edits[0]!))]);
	expect(closed).not.toEqual([]);
	expect(room.isClosed).toBe(true);
});

test('COL-2, VER-6: what is stored is acknowledged to everybody before a room closes', async () => {
	const { room, base, appends } = roomWithSlowStore();
	const everybody = Array.from({ length: 80 }, () => openPeer(room));
	const draw = drawer(base);
	const edits = [draw(1), draw(2)];
	room.receive(everybody[79]!.peer, { kind: 'update', bytes: edits[0]! });
	await turns();
	room.receive(everybody[0]!.peer, { kind: 'update', bytes: edits[1]! });
	appends[0]!.end();
	await turns();
	room.closeAll(closeCodes.replaced, 'the draft was replaced');
	expect(everybody[79]!.shown).toEqual([frame(updateMessage(edits[0]!))]);
	expect(new Set(everybody.map(({ shown }) => shown.length))).toEqual(new Set([1]));
	appends[1]!.end();
	await room.settled();
	expect(room.isSettling).toBe(false);
});

test('COL-1: whoever comes with the client id of somebody else is not counted as here, and an empty room is let go', async () => {
	const { room, empty } = roomWithSlowStore();
	const mine = openPeer(room, { clientId: 7 });
	const thief = openPeer(room, { userId: 'eve', clientId: 7 });
	expect(thief.closed).toEqual([closeCodes.badMessage]);
	expect([...room.peers]).toEqual([mine.peer]);
	expect(empty).toEqual([]);
	room.leave(mine.peer);
	openPeer(room, { userId: 'eve', clientId: 7 });
	expect(empty).toEqual([false, false]);
	expect(room.peers.size).toBe(0);
});
