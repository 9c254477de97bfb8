import { addNote } from '#lib/collab/edits/stickyEdits.ts';
import { newStickySize } from '#lib/collab/stickyNotes.ts';
import type { Builder } from '../builder.svelte.ts';

/** COL-3: a note in the middle of this point, selected and ready to be written. Answers its id. */
export function addSticky(builder: Builder, [x, y]: readonly [number, number]): string | undefined {
	const [width, height] = newStickySize;
	const id = builder.editApart((doc) => addNote(doc, [x - width / 2, y - height / 2]));
	if (id === undefined) return undefined;
	builder.select([id]);
	builder.writing = id;
	return id;
}
