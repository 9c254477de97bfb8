import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { closeCodes } from '#lib/collab/closeCodes.ts';
import { writeDraft } from '#lib/collab/document.ts';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import { createDoc } from './gate.ts';
import { collabLimits } from './limits.ts';
import type { Peer } from './peer.ts';
import { Room } from './room.ts';
import { Rooms } from './rooms.ts';

const key = { orgId: 'org', cadenceId: 'cadence' };

/** Rooms over a document that was replaced in the database; each room knows the generation it was loaded with. */
function replacedAfterLoading() {
	const doc = createDoc();
	writeDraft(doc, emptyDraft());
	const updates = [Y.encodeStateAsUpdate(doc)];
	let stored = 1;
	const rooms = new Rooms(async () => {
		const loaded = { generation: stored, seq: 1, updates, owners: new Map() };
		return new Room(key, loaded, collabLimits, {
			append: async () => ({ kind: 'replaced' }),
			readAfter: async () => ({ generation: stored, seq: 1, updates: [] }),
			recheck: async () => undefined,
			onStored: () => undefined,
			onRejected: () => undefined,
			onError: () => undefined,
			onEmpty: (room) => rooms.release(room)
		});
	}, 60_000);
	return { rooms, replace: () => stored++ };
}

/** A socket that has gone again, so that it is let in without joining; what it was closed with is kept. */
function visitor() {
	const closed: number[] = [];
	const peer = { key, isOpen: false, close: (code: number) => closed.push(code) };
	return { peer: peer as unknown as Peer, closed };
}

test('VER-6, Y16: whoever comes with the new draft before its process has heard of it is asked to try again, and then let in', async () => {
	const { rooms, replace } = replacedAfterLoading();
	await rooms.enter(visitor().peer, 1);
	replace();
	const early = visitor();
	await rooms.enter(early.peer, 2);
	expect(early.closed).toEqual([closeCodes.tryAgain]);
	await rooms.settle();
	const again = visitor();
	await rooms.enter(again.peer, 2);
	expect(again.closed).toEqual([]);
	expect(rooms.find(key)?.generation).toBe(2);
	const late = visitor();
	await rooms.enter(late.peer, 1);
	expect(late.closed).toEqual([closeCodes.replaced]);
	rooms.clear();
});
