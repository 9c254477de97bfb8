import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { commentsOf, readThreads } from '#lib/collab/comments.ts';
import { projectDraft, writeDraft } from '#lib/collab/document.ts';
import { addAction } from '#lib/collab/edits/addAction.ts';
import { addComment } from '#lib/collab/edits/addComment.ts';
import { removeComment, resolveThread } from '#lib/collab/edits/changeComment.ts';
import { addEntry, moveEntry, removeEntry, setEntry } from '#lib/collab/edits/listEntries.ts';
import { moveNodes } from '#lib/collab/edits/moveNodes.ts';
import { removeNode } from '#lib/collab/edits/removeNode.ts';
import { setSettings } from '#lib/collab/edits/setSettings.ts';
import { setText } from '#lib/collab/edits/setText.ts';
import { addNote, removeNotes, setNoteText } from '#lib/collab/edits/stickyEdits.ts';
import { nodesOf } from '#lib/collab/layout.ts';
import { readNotes } from '#lib/collab/stickyNotes.ts';
import { createUndoManager } from '#lib/collab/undo.ts';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { createDoc, Gate } from './gate.ts';
import { collabLimits } from './limits.ts';

/** A document behind a gate, and pages that write through it. */
function hub() {
	const stored = createDoc();
	writeDraft(stored, emptyDraft());
	const gate = new Gate(collabLimits, () => [Y.encodeStateAsUpdate(stored)]);
	const open = () => {
		const doc = new Y.Doc();
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(stored));
		return { doc, undo: createUndoManager(doc) };
	};
	const send = (doc: Y.Doc, userId: string | null = null) => {
		const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(stored));
		const verdict = gate.check(update, () => true, userId);
		if (verdict.kind === 'accepted') Y.applyUpdate(stored, verdict.bytes);
		return verdict;
	};
	const receive = (doc: Y.Doc) => Y.applyUpdate(doc, Y.encodeStateAsUpdate(stored, Y.encodeStateVector(doc)));
	return { stored, gate, open, send, receive };
}

const users = ['a', 'b', 'c'].map((end) => `0192f0c1-0000-7000-8000-00000000000${end}`);

/** Criteria in groups, as deep as they may be. */
const nested = (depth: number): Criteria =>
	depth ? { all: [nested(depth - 1)] } : { field: 'score', op: 'is', value: 1 };

describe('Gate', () => {
	test('Y2: refuses nothing that our own edits, undo and redo can produce, in whatever order they meet', () => {
		const step = fc.record({
			who: fc.nat(2),
			what: fc.constantFrom(
				...['add', 'remove', 'text', 'move', 'set', 'undo', 'redo', 'send', 'receive'],
				...['ask', 'addCase', 'setCase', 'moveCase', 'removeCase'],
				...['note', 'write', 'unnote', 'say', 'answer', 'resolve', 'unsay']
			),
			n: fc.nat(30)
		});
		fc.assert(
			fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
				const { stored, open, send, receive } = hub();
				const pages = [open(), open(), open()];
				for (const { who, what, n } of steps) {
					const { doc, undo } = pages[who]!;
					const ids = Object.keys(projectDraft(doc).draft.nodes).sort();
					const id = ids[n % ids.length]!;
					const ask = Object.values(projectDraft(doc).draft.nodes).find(({ kind }) => kind === 'condition');
					const cases = ask?.kind === 'condition' ? ask.cases : [];
					const one = cases[n % (cases.length || 1)]?.id;
					const by = users[who]!;
					const [note] = readNotes(doc);
					const [thread] = readThreads(doc);
					const own = [thread, ...(thread?.replies ?? [])].find(
						(one) => one?.by === by && commentsOf(doc).has(one.id)
					);
					const said = { by, at: n, text: `${n}`, mentions: [] };
					if (what === 'note') addNote(doc, [n, n]);
					else if (what === 'write' && note) setNoteText(doc, note.id, `${n}`);
					else if (what === 'unnote' && note) removeNotes(doc, [note.id]);
					else if (what === 'say') addComment(doc, { ...said, on: { node: id, about: '' } });
					else if (what === 'answer' && thread && !thread.lost)
						addComment(doc, { ...said, on: { thread: thread.id } });
					else if (what === 'resolve' && thread && !thread.lost)
						resolveThread(doc, thread.id, n % 2 ? { by, at: n } : null);
					else if (what === 'unsay' && own) removeComment(doc, own.id);
					else if (what === 'ask') addAction(doc, { node: { kind: 'condition', position: [n, n] } });
					else if (what === 'addCase' && ask && cases.length < 10) addEntry(doc, ask.id, 'cases', {}, n);
					else if (what === 'setCase' && ask && one)
						setEntry(doc, ask.id, 'cases', one, { label: `${n}`, criteria: nested(5) });
					else if (what === 'moveCase' && ask && one) moveEntry(doc, ask.id, 'cases', one, n % 4);
					else if (what === 'removeCase' && ask && one) removeEntry(doc, ask.id, 'cases', one);
					else if (what === 'add')
						addAction(doc, { node: { kind: 'task', position: [n, n], notes: `${n}` } });
					else if (what === 'remove' && id !== 'start') removeNode(doc, id);
					else if (what === 'text') setText(doc, id, 'title', `text ${n}`);
					else if (what === 'move') moveNodes(doc, { [id]: [n, -n] });
					else if (what === 'set') setSettings(doc, { endAfterDays: n + 1 });
					else if (what === 'undo') undo.undo();
					else if (what === 'redo') undo.redo();
					else if (what === 'receive') receive(doc);
					else if (what === 'send') expect(send(doc, by)).not.toMatchObject({ kind: 'rejected' });
				}
				for (const [who, { doc }] of pages.entries())
					expect(['accepted', 'known']).toContain(send(doc, users[who]!).kind);
				expect(projectDraft(stored).dropped).toEqual([]);
				for (const { doc } of pages) {
					receive(doc);
					expect(projectDraft(doc)).toEqual(projectDraft(stored));
					expect(readNotes(doc)).toEqual(readNotes(stored));
					expect(readThreads(doc)).toEqual(readThreads(stored));
				}
			}),
			{ numRuns: 60 }
		);
	}, 20_000);

	test('Y10: the kind of a node that is there neither goes nor changes', () => {
		const { stored, open, send } = hub();
		const { doc } = open();
		const { id } = addAction(doc, { node: { kind: 'task', position: [0, 0] } });
		expect(send(doc).kind).toBe('accepted');
		for (const spoil of [
			(node: Y.Map<unknown>) => node.delete('kind'),
			(node: Y.Map<unknown>) => node.set('kind', 'exit')
		]) {
			const evil = open().doc;
			spoil(nodesOf(evil).get(id)!);
			expect(send(evil).kind).toBe('rejected');
		}
		expect(projectDraft(stored).draft.nodes[id]?.kind).toBe('task');
	});

	test('Y2: cases may come and go for ever; what is no field of a case is refused', () => {
		const { open, send } = hub();
		const { doc } = open();
		const ask = addAction(doc, { node: { kind: 'condition', position: [0, 0] } }).id;
		for (let i = 0; i < 80; i++) {
			removeEntry(doc, ask, 'cases', addEntry(doc, ask, 'cases', { label: `${i}` }));
			expect(send(doc).kind).toBe('accepted');
		}
		const bad: [string, unknown][] = [
			['cases.a.odd', 1],
			['cases.a', 1],
			['others.a.order', 1],
			['cases.__proto__.order', 1],
			['cases.a.label', new Y.Text('x')],
			['cases.a.criteria', new Y.Map()],
			['cases.a.criteria', nested(20)],
			['cases.a.order', Number.NaN],
			['cases', new Y.Map()]
		];
		for (const [key, value] of bad) {
			const evil = open().doc;
			nodesOf(evil).get(ask)!.set(key, value);
			expect(send(evil).kind, key).toBe('rejected');
		}
		const many = open().doc;
		for (let i = 0; i < 30; i++) nodesOf(many).get(ask)!.set(`cases.c${i}.order`, i);
		for (let i = 0; i < 30; i++) nodesOf(many).get(ask)!.set(`cases.c${i}.label`, '');
		expect(send(many)).toMatchObject({
			kind: 'rejected',
			reason: expect.stringContaining('too many fields')
		});
	});

	test('Y2: a text with a NUL, which no table could store, is refused wherever it stands', () => {
		const { open, send } = hub();
		const { doc } = open();
		const { id } = addAction(doc, { node: { kind: 'task', position: [0, 0] } });
		setText(doc, id, 'notes', 'Call\0 back');
		expect(send(doc).kind).toBe('accepted');
		expect(String(nodesOf(doc).get(id)!.get('notes'))).toBe('Call back');
		for (const spoil of [
			(node: Y.Map<unknown>) => (node.get('notes') as Y.Text).insert(0, '\0'),
			(node: Y.Map<unknown>) => node.set('priority', 'high\0'),
			(node: Y.Map<unknown>) => node.set('owner', { 'a\0': 1 })
		]) {
			const evil = open().doc;
			spoil(nodesOf(evil).get(id)!);
			expect(send(evil).kind).toBe('rejected');
		}
	});

	test('Y2: neither a branch with a NUL in its key nor an id that every object has comes into a draft', () => {
		const { open, send } = hub();
		const { doc } = open();
		const { id } = addAction(doc, { node: { kind: 'call', position: [0, 0] } });
		expect(send(doc).kind).toBe('accepted');
		const branch = (key: string) => (evil: Y.Doc) =>
			evil.getMap('edges').set(key, new Y.Map<unknown>([['target', id]]));
		const step = (name: string) => (evil: Y.Doc) =>
			evil.getMap('nodes').set(name, new Y.Map<unknown>([['kind', 'exit']]));
		for (const spoil of [branch(`${id}/result/Busy%00`), step('constructor'), step('toString')]) {
			const evil = open().doc;
			spoil(evil);
			expect(send(evil).kind).toBe('rejected');
		}
		const honest = open().doc;
		branch(`${id}/result/Not%20today`)(honest);
		expect(send(honest).kind).toBe('accepted');
	});

	test('Y10: a text takes text alone, also where it joins what stands there', () => {
		const { open, send } = hub();
		const { doc } = open();
		const { id } = addAction(doc, { node: { kind: 'task', position: [0, 0] } });
		const notes = () => nodesOf(doc).get(id)!.get('notes') as Y.Text;
		for (const text of ['Call', 'Call back', 'back', '']) {
			setText(doc, id, 'notes', text);
			expect(send(doc).kind).toBe('accepted');
		}
		notes().insertEmbed(0, new Y.Text('inside'));
		expect(send(doc)).toMatchObject({ kind: 'rejected', reason: 'a text holds more than text' });
	});

	test('Y7: what is partly known is cut to its new part; what lies ahead is asked for', () => {
		const { gate, open, send } = hub();
		const { doc } = open();
		const updates: Uint8Array[] = [];
		doc.on('update', (update: Uint8Array) => updates.push(update));
		for (let i = 0; i < 3; i++) setSettings(doc, { endAfterDays: i + 1 });
		const own = (client: number) => client === doc.clientID;
		expect(gate.check(updates[1]!, own)).toEqual({ kind: 'gap' });
		expect(gate.check(updates[0]!, own)).toMatchObject({ kind: 'accepted', bytes: updates[0] });
		expect(gate.check(updates[0]!, own)).toEqual({ kind: 'known' });
		const all = Y.mergeUpdates(updates);
		const verdict = gate.check(all, own);
		expect(verdict).toMatchObject({ kind: 'accepted', clients: [doc.clientID] });
		expect((verdict as { bytes: Uint8Array }).bytes.byteLength).toBeLessThan(all.byteLength);
		expect(gate.check(all, () => false)).toEqual({ kind: 'known' });
		expect(send(doc)).toEqual({ kind: 'known' });
	});

	test('Y10: a refused edit leaves no trace, and the next good one passes', () => {
		const { gate, open, stored } = hub();
		const { doc } = open();
		const evil = open().doc;
		const before = Y.encodeStateVector(stored);
		evil.getMap('nodes').delete('start');
		evil.getMap('settings').set('scan', 1n);
		expect(gate.check(Y.encodeStateAsUpdate(evil, before), () => true)).toMatchObject({ kind: 'rejected' });
		expect(gate.clockOf(evil.clientID)).toBe(0);
		const onlyStart = open().doc;
		onlyStart.getMap('nodes').delete('start');
		expect(gate.check(Y.encodeStateAsUpdate(onlyStart, before), () => true)).toMatchObject({
			reason: 'the start cannot be removed'
		});
		moveNodes(doc, { start: [5, 5] });
		expect(gate.check(Y.encodeStateAsUpdate(doc, before), () => true)).toMatchObject({ kind: 'accepted' });
	});

	test('Y9: a document stops growing at its cap, with a code of its own', () => {
		const stored = createDoc();
		const gate = new Gate({ ...collabLimits, documentBytes: 5_000 }, () => [Y.encodeStateAsUpdate(stored)]);
		const doc = new Y.Doc();
		let last;
		for (let i = 0; i < 20 && last?.kind !== 'rejected'; i++) {
			const before = Y.encodeStateVector(doc);
			addAction(doc, { node: { kind: 'task', position: [0, 0], description: 'x'.repeat(500) } });
			last = gate.check(Y.encodeStateAsUpdate(doc, before), () => true);
		}
		expect(last).toMatchObject({ kind: 'rejected', code: 4413 });
	});
});
