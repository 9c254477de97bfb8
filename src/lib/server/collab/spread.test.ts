import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Peer } from './peer.ts';
import { Spread, type Shown } from './spread.ts';

function openPeers(count: number) {
	const writes: string[][] = Array.from({ length: count }, () => []);
	const peers = writes.map(
		(shown) =>
			({ synced: true, sendFrames: (frames: Buffer) => shown.push(frames.toString()) }) as unknown as Peer
	);
	return { peers, writes };
}
const item = (text: string): Shown => ({ common: Buffer.from(text), own: null });
const nextTurn = () => new Promise((done) => setImmediate(done));

test('PERFORMANCE 5: what is stored during a round goes along with it, one write to each socket and each edit once', async () => {
	const { peers, writes } = openPeers(100);
	const spread = new Spread();
	peers.forEach((peer) => spread.join(peer));
	spread.add([item('a')]);
	expect(writes.filter((shown) => shown.length)).toHaveLength(32);
	spread.add([item('b')]);
	await nextTurn();
	spread.add([item('c')]);
	await spread.settled();
	expect(spread.isRunning).toBe(false);
	expect(new Set(writes.map((shown) => shown.join('')))).toEqual(new Set(['abc']));
	expect([writes[0], writes[50], writes[99]]).toEqual([['a', 'bc'], ['ab', 'c'], ['abc']]);
});

test('PERFORMANCE 5: many edits of one commit are shown before anything else is done, behind what was on its way', () => {
	const { peers, writes } = openPeers(100);
	const spread = new Spread();
	peers.forEach((peer) => spread.join(peer));
	spread.add([item('a')]);
	spread.add(['b', 'c', 'd', 'e'].map(item));
	expect(spread.isRunning).toBe(false);
	expect([writes[0], writes[99]]).toEqual([['a', 'bcde'], ['abcde']]);
});

test('COL-1: who joins in between gets what comes after, who has left nothing, and a sender its own form of an edit', async () => {
	const { peers, writes } = openPeers(42);
	const [late, left] = [peers[40]!, peers[39]!];
	const waiting = { ...peers[41]!, synced: false } as Peer;
	const spread = new Spread();
	peers.slice(0, 40).forEach((peer) => spread.join(peer));
	spread.join(waiting);
	spread.add([item('a'), { common: Buffer.from('b'), own: { peer: peers[1]!, frame: Buffer.from('B') } }]);
	spread.join(late);
	spread.leave(left);
	spread.add([
		{ common: null, own: { peer: peers[1]!, frame: Buffer.from('again') } },
		{ common: Buffer.from('c'), own: null }
	]);
	await spread.settled();
	const seen = writes.map((shown) => shown.join(''));
	expect(seen.slice(0, 3)).toEqual(['abc', 'aBagainc', 'abc']);
	expect(seen.slice(38)).toEqual(['abc', '', 'c', '']);
});

type Step =
	| { do: 'join'; peer: number; synced: boolean }
	| { do: 'sync'; peer: number }
	| { do: 'leave'; peer: number }
	| { do: 'add'; from: number; forms: ('same' | 'changed' | 'known')[] }
	| { do: 'turn' };

const peerIndex = fc.nat(99);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
	fc.record({ do: fc.constant('join' as const), peer: peerIndex, synced: fc.boolean() }),
	fc.record({ do: fc.constant('sync' as const), peer: peerIndex }),
	fc.record({ do: fc.constant('leave' as const), peer: peerIndex }),
	fc.record({
		do: fc.constant('add' as const),
		from: peerIndex,
		forms: fc.array(fc.constantFrom('same' as const, 'changed', 'known'), { minLength: 1, maxLength: 6 })
	}),
	fc.record({ do: fc.constant('turn' as const) })
);

test('COL-1, COL-2: however joins, questions, leaves and edits fall into rounds, everybody sees each edit in order, and a sender its own form of it once', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(anyStep, { minLength: 20, maxLength: 120 }), async (steps) => {
			const spread = new Spread();
			/** What a peer was given by its answer and by writes, beside what a plain broadcast had to give it. */
			const here = new Map<number, { peer: Peer; seen: string[]; due: string[]; known: number }>();
			const stored: string[] = [];
			let added = 0;
			const enter = (n: number, synced: boolean) => {
				if (here.has(n)) return;
				const seen: string[] = [];
				const sendFrames = (frames: Buffer) => seen.push(...frames.toString().split(' ').slice(0, -1));
				const peer = { synced, sendFrames } as unknown as Peer;
				here.set(n, { peer, seen, due: [], known: stored.length });
				spread.join(peer);
			};
			for (let n = 0; n < 70; n++) enter(n, true);
			for (const step of steps) {
				if (step.do === 'turn') await nextTurn();
				else if (step.do === 'join') enter(step.peer, step.synced);
				else if (step.do === 'leave') {
					const one = here.get(step.peer);
					if (one) spread.leave(one.peer);
					here.delete(step.peer);
				} else if (step.do === 'sync') {
					const one = here.get(step.peer);
					if (!one || one.peer.synced) continue;
					one.peer.synced = true;
					one.known = stored.length;
				} else {
					const items = step.forms.map((form): Shown => {
						const name = String(added++);
						const author = here.get(step.from);
						const own =
							form !== 'same' && author ? { peer: author.peer, frame: Buffer.from(`own${name} `) } : null;
						if (own) author!.due.push(`own${name}`);
						if (form === 'known') return { common: null, own };
						stored.push(name);
						return { common: Buffer.from(`${name} `), own };
					});
					spread.add(items);
				}
			}
			await spread.settled();
			expect(spread.isRunning).toBe(false);
			for (const { peer, seen, due, known } of here.values()) {
				const numbers = seen.map((name) => Number(name.replace('own', '')));
				expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
				expect(seen.filter((name) => name.startsWith('own'))).toEqual(due);
				if (!peer.synced) continue;
				const missed = stored.slice(known).filter((name) => !numbers.includes(Number(name)));
				expect(missed).toEqual([]);
			}
		}),
		{ numRuns: 100 }
	);
});
