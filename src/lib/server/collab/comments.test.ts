import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { commentLimits, commentsOf, readThreads } from '#lib/collab/comments.ts';
import { addComment } from '#lib/collab/edits/addComment.ts';
import { editComment, removeComment, resolveThread } from '#lib/collab/edits/changeComment.ts';
import { notesOf, readNotes, stickyToMap } from '#lib/collab/stickyNotes.ts';
import { writeDraft } from '#lib/collab/document.ts';
import { createUndoManager } from '#lib/collab/undo.ts';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import { createDoc, Gate } from './gate.ts';
import { collabLimits } from './limits.ts';

const ann = '0192f0c1-0000-7000-8000-00000000000a';
const bob = '0192f0c1-0000-7000-8000-00000000000b';

/** A document behind a gate that knows who sends. */
function hub() {
	const stored = createDoc();
	writeDraft(stored, emptyDraft());
	const gate = new Gate(collabLimits, () => [Y.encodeStateAsUpdate(stored)]);
	const open = () => {
		const doc = new Y.Doc();
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(stored));
		return doc;
	};
	const send = (doc: Y.Doc, userId: string) => {
		const verdict = gate.check(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(stored)), () => true, userId);
		if (verdict.kind === 'accepted') Y.applyUpdate(stored, verdict.bytes);
		return verdict;
	};
	return { stored, open, send };
}
const on = { node: 'mail', about: 'First mail' };
const say = (doc: Y.Doc, by: string, text: string, where: Parameters<typeof addComment>[1]['on'] = on) =>
	addComment(doc, { by, at: 1, text, mentions: [], on: where });

describe('COL-3: comments', () => {
	test('COL-3: a NUL or half a character in what somebody says is not said, and refuses nothing', () => {
		const { stored, open, send } = hub();
		const doc = open();
		const id = say(doc, ann, `a\0b ${'x'.repeat(commentLimits.text - 4)}\u{1f600}`);
		editComment(doc, say(doc, ann, 'Later'), { text: 'So\0', mentions: [], at: 2 });
		expect(send(doc, ann).kind).toBe('accepted');
		const said = readThreads(stored).map(({ text }) => text);
		expect(said).toContain('So');
		expect(said.find((text) => text.startsWith('ab'))).toBe(commentsOf(doc).get(id)!.get('text'));
	});

	test('COL-3: a thread with replies is written, answered, resolved by anybody, edited and deleted by its author', () => {
		const { stored, open, send } = hub();
		const a = open();
		const id = addComment(a, { by: ann, at: 1, text: ' Too long? @Bob ', mentions: [bob], on });
		expect(send(a, ann)).toMatchObject({
			kind: 'accepted',
			said: [{ commentId: id, by: ann, text: 'Too long? @Bob', mentions: [bob], answers: null }]
		});
		const b = open();
		const reply = addComment(b, { by: bob, at: 2, text: 'No', mentions: [], on: { thread: id } });
		expect(send(b, bob)).toMatchObject({ said: [{ commentId: reply, mentions: [], answers: ann }] });
		resolveThread(b, id, { by: bob, at: 3 });
		expect(send(b, bob)).toMatchObject({ kind: 'accepted', said: [] });
		expect(readThreads(stored)).toMatchObject([
			{
				id,
				node: 'mail',
				about: 'First mail',
				resolved: { by: bob, at: 3 },
				replies: [{ id: reply, by: bob }]
			}
		]);
		const again = open();
		resolveThread(again, id, null);
		editComment(again, id, { text: 'Shorter?', mentions: [], at: 4 });
		expect(send(again, ann).kind).toBe('accepted');
		removeComment(again, id);
		expect(send(again, ann).kind).toBe('accepted');
		// The reply is somebody else's: it stays, and says that what it answered is gone.
		expect(readThreads(stored)).toMatchObject([{ id, lost: true, replies: [{ id: reply, text: 'No' }] }]);
	});

	test('COL-3: nobody speaks for somebody else, changes what another wrote, or writes anything odd', () => {
		const { stored, open, send } = hub();
		const a = open();
		const id = say(a, ann, 'Mine');
		send(a, ann);
		const before = JSON.stringify(readThreads(stored));
		const attacks: Record<string, (doc: Y.Doc) => unknown> = {
			'in the name of another': (doc) => say(doc, ann, 'Not me'),
			'edit of another': (doc) => editComment(doc, id, { text: 'Other', mentions: [], at: 9 }),
			'delete of another': (doc) => removeComment(doc, id),
			'replaced by another': (doc) =>
				commentsOf(doc).set(
					id,
					new Y.Map<unknown>(Object.entries({ ...on, by: bob, at: 1, text: 'x', mentions: [] }))
				),
			'author taken over': (doc) => commentsOf(doc).get(id)!.set('by', bob),
			'resolved in the name of another': (doc) => resolveThread(doc, id, { by: ann, at: 1 }),
			'unknown field': (doc) => commentsOf(doc).get(id)!.set('html', '<b>'),
			'too long': (doc) =>
				commentsOf(doc).set(
					'long',
					new Y.Map<unknown>(
						Object.entries({ ...on, by: bob, at: 1, text: 'x'.repeat(commentLimits.text + 1), mentions: [] })
					)
				),
			'too many': (doc) => {
				for (let i = 0; i <= commentLimits.count; i++)
					commentsOf(doc).set(
						`c${i}`,
						new Y.Map<unknown>(Object.entries({ ...on, by: bob, at: 1, text: 'x', mentions: [] }))
					);
			},
			'no comment at all': (doc) => commentsOf(doc).set('odd', new Y.Map([['text', new Y.Text('x')]]))
		};
		for (const [name, attack] of Object.entries(attacks)) {
			const doc = open();
			attack(doc);
			expect(send(doc, bob), name).toMatchObject({ kind: 'rejected', code: 4400 });
		}
		expect(JSON.stringify(readThreads(stored))).toBe(before);
	});

	test('COL-3: undo on the canvas takes no comment back; a deleted one can be put back', () => {
		const { open, send } = hub();
		const doc = open();
		const undo = createUndoManager(doc);
		const id = say(doc, ann, 'Stays');
		undo.undo();
		expect(commentsOf(doc).has(id)).toBe(true);
		const back = removeComment(doc, id);
		expect(send(doc, ann).kind).toBe('accepted');
		back();
		expect(send(doc, ann).kind).toBe('accepted');
		expect(readThreads(doc)).toMatchObject([{ id, text: 'Stays' }]);
	});

	test('COL-3: resolving together, and deleting what another resolves, is nobody’s mistake', () => {
		const { stored, open, send } = hub();
		const a = open();
		const id = say(a, ann, 'Both');
		send(a, ann);
		const [one, other] = [open(), open()];
		resolveThread(one, id, { by: ann, at: 5 });
		resolveThread(other, id, { by: bob, at: 6 });
		expect(send(one, ann).kind).toBe('accepted');
		expect(send(other, bob).kind).toBe('accepted');
		const late = open();
		resolveThread(late, id, null);
		removeComment(one, id);
		expect(send(one, ann).kind).toBe('accepted');
		expect(send(late, bob).kind).not.toBe('rejected');
		expect(readThreads(stored)).toEqual([]);
	});
});

test('COL-3: a sticky note has its fields and its limits; anything else is refused', () => {
	const { stored, open, send } = hub();
	const doc = open();
	const note = { position: [1, 2], size: [200, 140], color: 'green', text: 'Ask legal' } as const;
	const map = () => stickyToMap({ ...note, position: [1, 2], size: [200, 140] });
	notesOf(doc).set('n1', map());
	expect(send(doc, ann).kind).toBe('accepted');
	expect(readNotes(stored)).toEqual([{ id: 'n1', ...note }]);
	const attacks: Record<string, (one: Y.Doc) => unknown> = {
		field: (one) => notesOf(one).get('n1')!.set('html', 'x'),
		color: (one) => notesOf(one).get('n1')!.set('color', 'url(x)'),
		size: (one) => notesOf(one).get('n1')!.set('size', [1e9, 1]),
		'no text': (one) => notesOf(one).get('n1')!.delete('text'),
		long: (one) => (notesOf(one).get('n1')!.get('text') as Y.Text).insert(0, 'x'.repeat(2001)),
		many: (one) => {
			for (let i = 0; i < 100; i++) notesOf(one).set(`m${i}`, map());
		}
	};
	for (const [name, attack] of Object.entries(attacks)) {
		const one = open();
		attack(one);
		expect(send(one, bob).kind, name).toBe('rejected');
	}
});
