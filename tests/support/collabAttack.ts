import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { updateMessage } from '../../src/lib/server/collab/messages.ts';

/** 13 bytes that claim 2^40 entries of somebody's client id (RELIABILITY.md 3.1). */
export function hijack(clientId: number, clock: number, length = 2 ** 40): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 1);
	encoding.writeVarUint(encoder, 1);
	encoding.writeVarUint(encoder, clientId);
	encoding.writeVarUint(encoder, clock);
	encoding.writeUint8(encoder, 0);
	encoding.writeVarUint(encoder, length);
	encoding.writeVarUint(encoder, 0);
	return encoding.toUint8Array(encoder);
}

/** Deletes what nobody has written yet. */
export function deleteUnknown(clientId: number): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 0);
	encoding.writeVarUint(encoder, 1);
	encoding.writeVarUint(encoder, clientId);
	encoding.writeVarUint(encoder, 1);
	encoding.writeVarUint(encoder, 1_000_000);
	encoding.writeVarUint(encoder, 5);
	return encoding.toUint8Array(encoder);
}

/** What a change to an empty document looks like on the wire. */
export function updateOf(change: (doc: Y.Doc) => void, doc = new Y.Doc()): Uint8Array {
	const before = Y.encodeStateVector(doc);
	doc.transact(() => change(doc));
	return Y.encodeStateAsUpdate(doc, before);
}

const inNode = (fill: (node: Y.Map<unknown>) => void) => (doc: Y.Doc) => {
	const node = new Y.Map<unknown>();
	fill(node);
	doc.getMap('nodes').set('evil', node);
};

function nest(doc: Y.Doc, depth: number): void {
	let inner = doc.getMap('nodes') as Y.Map<unknown>;
	for (let i = 0; i < depth; i++) {
		const next = new Y.Map<unknown>();
		inner.set('x', next);
		inner = next;
	}
}

function deepValue(depth: number): unknown {
	let value: unknown = 1;
	for (let i = 0; i < depth; i++) value = { all: [value] };
	return value;
}

/** Y10: documents that naive code would choke on. */
export const hostileDocuments: Record<string, Uint8Array> = {
	'maps nested 5,000 deep': updateOf((doc) => nest(doc, 5000)),
	'a value nested 3,000 deep': updateOf((doc) => doc.getMap('settings').set('scan', deepValue(1500))),
	'criteria nested beyond their depth': updateOf((doc) =>
		doc.getMap('settings').set('unenroll.criteria', deepValue(20))
	),
	'a BigInt': updateOf(inNode((node) => node.set('kind', 10n))),
	bytes: updateOf(inNode((node) => node.set('kind', new Uint8Array(3)))),
	undefined: updateOf(inNode((node) => node.set('kind', undefined))),
	NaN: updateOf(inNode((node) => node.set('kind', NaN))),
	'a field __proto__': updateOf(inNode((node) => node.set('__proto__', { admin: true }))),
	'a value with __proto__': updateOf(
		inNode((node) => node.set('due', JSON.parse('{"__proto__": {"admin": true}}') as unknown))
	),
	'a node __proto__': updateOf((doc) => doc.getMap('nodes').set('__proto__', new Y.Map())),
	'an unknown root': updateOf((doc) => doc.getMap('evil').set('x', 'y'.repeat(1000))),
	'a root of the wrong type': updateOf((doc) => doc.getArray('nodes').insert(0, ['x'])),
	'a text as a root': updateOf((doc) => doc.getText('settings').insert(0, 'hello')),
	'a node without a kind': updateOf((doc) => doc.getMap('nodes').set('evil', new Y.Map())),
	'a flat node': updateOf((doc) => doc.getMap('nodes').set('evil', 'text')),
	'an array in a node': updateOf(inNode((node) => node.set('title', new Y.Array()))),
	'formatted text': updateOf(
		inNode((node) => {
			const text = new Y.Text();
			node.set('title', text);
			text.insert(0, 'bold', { bold: true });
		})
	),
	'an embedded document': updateOf(inNode((node) => node.set('doc', new Y.Doc()))),
	'a branch without a source': updateOf((doc) => doc.getMap('edges').set('nonsense', new Y.Map())),
	'a branch key spelled twice': updateOf((doc) => doc.getMap('edges').set('a/result/%42usy', new Y.Map())),
	'too long a text': updateOf(inNode((node) => node.set('title', new Y.Text('x'.repeat(30_000))))),
	'too large a value': updateOf(inNode((node) => node.set('reason', 'x'.repeat(100_000)))),
	'too many nodes': updateOf((doc) => {
		for (let i = 0; i < 2_001; i++) doc.getMap('nodes').set(`n${i}`, new Y.Map());
	})
};

export const asMessages = (updates: Record<string, Uint8Array>): [string, Uint8Array][] =>
	Object.entries(updates).map(([name, update]) => [name, updateMessage(update)]);
