import * as Y from 'yjs';
import { rootNames } from './layout.ts';
import { editOrigin } from './origins.ts';

/** COL-2: undo and redo of this person's own edits. Edits within 400 ms (typing) are one step. */
export const createUndoManager = (doc: Y.Doc): Y.UndoManager =>
	new Y.UndoManager(
		rootNames.map((name) => doc.getMap(name)),
		{ trackedOrigins: new Set([editOrigin]), captureTimeout: 400 }
	);
