import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { emptyDraft } from '#lib/domain/cadence/draft.ts';
import { draftOf, task } from '../../../../tests/support/draftOf.ts';
import { nodes } from '../../../../tests/support/drafts.ts';
import { projectDraft, writeDraft } from '../document.ts';
import { nodesOf } from '../layout.ts';
import { createUndoManager } from '../undo.ts';
import { replaceDraft } from './replaceDraft.ts';

const first = draftOf({ look: task(), gone: nodes.email() }, [
	['start', 'entry', 'look'],
	['look', 'created', 'gone']
]);
const second = draftOf({ look: task(), ring: nodes.call() }, [['start', 'entry', 'ring']], {
	endAfterDays: 9
});

test('VER-6, COL-2: a whole draft is put in place as one step that can be undone', () => {
	const doc = new Y.Doc();
	writeDraft(doc, first);
	const undo = createUndoManager(doc);
	const kept = nodesOf(doc).get('look');
	replaceDraft(doc, second);
	expect(projectDraft(doc).draft).toEqual(second);
	expect(nodesOf(doc).get('look')).toBe(kept);
	expect(undo.undoStack).toHaveLength(1);
	undo.undo();
	expect(projectDraft(doc).draft).toEqual(first);
	undo.redo();
	expect(projectDraft(doc).draft).toEqual(second);
	replaceDraft(doc, emptyDraft());
	expect(Object.keys(projectDraft(doc).draft.nodes)).toEqual(['start']);
});
