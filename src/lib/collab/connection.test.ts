import * as encoding from 'lib0/encoding';
import { expect, test } from 'vitest';
import { writeUpdate } from 'y-protocols/sync';
import * as Y from 'yjs';
import { Connection } from './connection.ts';
import { addAction } from './edits/addAction.ts';
import { removeNode } from './edits/removeNode.ts';
import { setNodeField } from './edits/setNodeField.ts';

/** A socket whose other end is the test. */
class Line {
	static last: Line;
	readyState = 0;
	onopen = () => undefined as unknown;
	onmessage = (_event: { data: Uint8Array }) => undefined as unknown;
	onclose = () => undefined as unknown;
	constructor() {
		Line.last = this;
	}
	open(): void {
		this.readyState = 1;
		this.onopen();
	}
	say(data: Uint8Array): void {
		this.onmessage({ data });
	}
	send(): void {
		/* What the page says is looked at in its document. */
	}
	close(): void {
		this.readyState = 3;
	}
}

function updateMessage(bytes: Uint8Array): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 0);
	writeUpdate(encoder, bytes);
	return encoding.toUint8Array(encoder);
}

test('COL-2: that another person deleted the same does not make what was typed before it look stored', () => {
	const stored = new Y.Doc();
	const { id } = addAction(stored, { node: { kind: 'email', position: [0, 0] } });
	const kept = addAction(stored, { node: { kind: 'task', position: [0, 0] } });
	const other = new Y.Doc();
	Y.applyUpdate(other, Y.encodeStateAsUpdate(stored));
	const doc = new Y.Doc();
	const page = new Connection({
		doc,
		url: 'ws://line',
		cadenceId: 'c',
		generation: 1,
		canEdit: true,
		WebSocketPolyfill: Line as unknown as typeof WebSocket
	});
	Line.last.open();
	Line.last.say(updateMessage(Y.encodeStateAsUpdate(stored)));
	expect(page.state.status).toBe('saved');

	const own: Uint8Array[] = [];
	doc.on('update', (bytes: Uint8Array) => own.push(bytes));
	setNodeField(doc, kept.id, 'title', 'Not stored yet');
	removeNode(doc, id);
	expect(page.state).toEqual({ status: 'saving', unsaved: 2 });
	let theirs = new Uint8Array();
	other.on('update', (bytes: Uint8Array) => (theirs = new Uint8Array(bytes)));
	removeNode(other, id);
	expect(theirs).toEqual(own[1]);
	Line.last.say(updateMessage(theirs));
	expect(page.state).toEqual({ status: 'saving', unsaved: 1 });
	for (const bytes of own) Line.last.say(updateMessage(bytes));
	expect(page.state.status).toBe('saved');
	page.destroy();
});
