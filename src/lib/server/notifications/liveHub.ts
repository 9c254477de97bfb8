import type { LiveEvent } from '#lib/domain/liveEvents.ts';
import { withOrg, type Db } from '../db/client.ts';
import { getLog } from '../log.ts';
import { readLiveEvents } from './readLiveEvents.ts';

export type Listener = { userId: string; send: (event: LiveEvent) => void };

const POLL_MS = 2_000;

type Room = {
	listeners: Set<Listener>;
	since: string | null;
	seen: Map<string, number>;
	counts: Map<string, string>;
};
type Hub = { rooms: Map<string, Room>; timer: NodeJS.Timeout | null; busy: boolean };

const holder = globalThis as { [key: symbol]: Hub | undefined };
const key = Symbol.for('cadenza.liveHub');
const hub = (): Hub => (holder[key] ??= { rooms: new Map(), timer: null, busy: false });

/**
 * Live events for the open pages of this process: one reading per organization every two seconds, however many pages
 * there are. No NOTIFY: it would take a lock of the whole database at each commit (RELIABILITY.md 2.6).
 * @returns ends the subscription
 */
export function listenLive(db: Db, orgId: string, listener: Listener): () => void {
	const { rooms } = hub();
	const room = rooms.get(orgId) ?? { listeners: new Set(), since: null, seen: new Map(), counts: new Map() };
	rooms.set(orgId, room);
	room.listeners.add(listener);
	// A page that has just come wants its numbers, whatever the others were told.
	room.counts.delete(listener.userId);
	const current = hub();
	current.timer ??= setInterval(() => void pollAll(db), POLL_MS);
	current.timer.unref();
	return () => {
		room.listeners.delete(listener);
		if (room.listeners.size) return;
		rooms.delete(orgId);
		if (rooms.size || !current.timer) return;
		clearInterval(current.timer);
		current.timer = null;
	};
}

async function pollAll(db: Db): Promise<void> {
	const current = hub();
	if (current.busy) return;
	current.busy = true;
	for (const [orgId, room] of current.rooms)
		// One organization that cannot be read must not keep the others from being told.
		await poll(db, orgId, room).catch((error: unknown) =>
			getLog().warn({ error, orgId }, 'live events not read')
		);
	current.busy = false;
}

async function poll(db: Db, orgId: string, room: Room): Promise<void> {
	const users = [...new Set([...room.listeners].map((listener) => listener.userId))];
	const reading = await withOrg(db, orgId, (tx) => readLiveEvents(tx, orgId, users, room.since));
	room.since = reading.at;
	const now = Date.now();
	const tell = (userId: string, event: LiveEvent) => {
		for (const listener of room.listeners) if (listener.userId === userId) listener.send(event);
	};
	for (const { userId, key: eventKey, event } of reading.events) {
		if (room.seen.has(eventKey)) continue;
		room.seen.set(eventKey, now);
		tell(userId, event);
	}
	for (const [eventKey, at] of room.seen) if (now - at > 120_000) room.seen.delete(eventKey);
	for (const [userId, { due, unread }] of reading.counts) {
		const text = `${due}/${unread}`;
		if (room.counts.get(userId) === text) continue;
		room.counts.set(userId, text);
		tell(userId, { kind: 'counts', due, unread });
	}
}
