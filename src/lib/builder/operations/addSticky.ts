import { addNote } from '#lib/collab/edits/stickyEdits.ts';
import { newStickySize } from '#lib/collab/stickyNotes.ts';
import type { Builder } from '../builder.svelte.ts';
import { branchBoxes } from '../graph/branchBoxes.ts';
import { freePlace } from '../graph/freePlace.ts';

const [width, height] = newStickySize;

/** COL-3: a note in the middle of this very point, selected and ready to be written. Answers its id. */
export function addSticky(builder: Builder, [x, y]: readonly [number, number]): string | undefined {
	const id = builder.editApart((doc) => addNote(doc, [x - width / 2, y - height / 2]));
	if (id === undefined) return undefined;
	builder.select([id]);
	builder.writing = id;
	return id;
}

/** COL-3: a note that nobody pointed a place for: as near to this point as it lies on no step, branch or other note. */
export function addStickyNear(builder: Builder, [x, y]: readonly [number, number]): string | undefined {
	const taken = [...builder.boxes, ...branchBoxes(builder.draft)];
	const [left, top] = freePlace(taken, { width, height }, [x - width / 2, y - height / 2]);
	const id = addSticky(builder, [left + width / 2, top + height / 2]);
	if (id !== undefined) builder.added = { id };
	return id;
}
