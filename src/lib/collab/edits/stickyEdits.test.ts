import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { notesOf, readNotes, stickyLimits } from '../stickyNotes.ts';
import { createUndoManager } from '../undo.ts';
import { moveNodes } from './moveNodes.ts';
import { addNote, removeNotes, setNote, setNoteText } from './stickyEdits.ts';

test('COL-3: a note is written, moved, colored, resized and deleted; each is taken back', () => {
	const doc = new Y.Doc();
	const undo = createUndoManager(doc);
	const apart = (edit: () => void) => {
		undo.stopCapturing();
		edit();
	};
	const id = addNote(doc, [10.4, 20]);
	apart(() => setNoteText(doc, id, 'Ask legal'));
	apart(() => moveNodes(doc, { [id]: [100, 50] }));
	apart(() => setNote(doc, id, { color: 'pink' }));
	apart(() => setNote(doc, id, { size: [5000, 10], position: [90, 50] }));
	const whole = [{ id, text: 'Ask legal', position: [90, 50], size: [1200, 80], color: 'pink' }];
	expect(readNotes(doc)).toEqual(whole);
	apart(() => removeNotes(doc, [id, 'gone']));
	expect(readNotes(doc)).toEqual([]);
	undo.undo();
	expect(readNotes(doc)).toEqual(whole);
	for (let i = 0; i < 4; i++) undo.undo();
	expect(readNotes(doc)).toMatchObject([{ text: '', position: [10, 20], color: 'yellow' }]);
});

test('COL-3: two people write in one note, and one of them recolors it: everything stays', () => {
	const one = new Y.Doc();
	const other = new Y.Doc();
	const id = addNote(one, [0, 0]);
	setNoteText(one, id, 'middle');
	const exchange = () => {
		Y.applyUpdate(other, Y.encodeStateAsUpdate(one));
		Y.applyUpdate(one, Y.encodeStateAsUpdate(other));
	};
	exchange();
	setNoteText(one, id, 'start middle');
	setNoteText(other, id, 'middle end');
	setNote(other, id, { color: 'green' });
	exchange();
	expect(readNotes(one)).toEqual(readNotes(other));
	expect(readNotes(one)).toMatchObject([{ text: 'start middle end', color: 'green' }]);
});

test('COL-3: there are as many notes as may be, then a sentence', () => {
	const doc = new Y.Doc();
	for (let i = 0; i < stickyLimits.count; i++) addNote(doc, [i, i]);
	expect(() => addNote(doc, [0, 0])).toThrow('There can be 100 notes.');
	expect(notesOf(doc).size).toBe(100);
});
