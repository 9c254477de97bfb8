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
