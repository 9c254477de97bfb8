import * as Y from 'yjs';
import { commentsOf, readComment } from './comments.ts';
import { systemOrigin } from './origins.ts';
import { notesOf, readNotes, stickyToMap } from './stickyNotes.ts';

/** COL-3: what was said and noted stays when the draft becomes another version (VER-6). */
export function carryTalk(from: Y.Doc, to: Y.Doc): void {
	to.transact(() => {
		for (const [id, value] of commentsOf(from).entries()) {
			const comment = readComment(value);
			if (comment) commentsOf(to).set(id, new Y.Map<unknown>(Object.entries(comment)));
		}
		for (const note of readNotes(from)) notesOf(to).set(note.id, stickyToMap(note));
	}, systemOrigin);
}
