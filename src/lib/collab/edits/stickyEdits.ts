import * as Y from 'yjs';
import { DomainError } from '#lib/domain/errors.ts';
import { newNodeId } from '../layout.ts';
import { editOrigin } from '../origins.ts';
import {
	newStickySize,
	notesOf,
	stickyFields,
	stickyLimits,
	stickyToMap,
	type StickyColor,
	type StickyMap
} from '../stickyNotes.ts';
import { writeText } from './setText.ts';

function requireNote(doc: Y.Doc, id: string): StickyMap {
	const note = notesOf(doc).get(id);
	if (!(note instanceof Y.Map)) throw new DomainError('not_found', 'This note was deleted meanwhile.');
	return note;
}

/**
 * COL-3: a new sticky note with its upper left corner at `position`. Answers its id.
 * @throws DomainError `limit`
 */
export function addNote(
	doc: Y.Doc,
	position: readonly [number, number],
	color: StickyColor = 'yellow'
): string {
	if (notesOf(doc).size >= stickyLimits.count)
		throw new DomainError('limit', `There can be ${stickyLimits.count} notes. Delete one first.`);
	const id = newNodeId();
	const at: [number, number] = [Math.round(position[0]), Math.round(position[1])];
	const map = stickyToMap({ position: at, size: newStickySize, color, text: '' });
	doc.transact(() => notesOf(doc).set(id, map), editOrigin);
	return id;
}

/** Color, or place and size after it was resized; sizes are kept within what a note may be. */
export function setNote(
	doc: Y.Doc,
	id: string,
	change: { color?: StickyColor; position?: readonly [number, number]; size?: readonly [number, number] }
): void {
	const note = requireNote(doc, id);
	const side = (value: number) => Math.min(1200, Math.max(80, Math.round(value)));
	const { color, position, size } = change;
	const fields = stickyFields.partial().parse({
		...(color && { color }),
		...(position && { pos: position.map(Math.round) }),
		...(size && { size: size.map(side) })
	});
	doc.transact(() => {
		for (const [key, value] of Object.entries(fields)) note.set(key, value);
	}, editOrigin);
}

/** Makes a note say `text`, touching only the stretch that differs. */
export function setNoteText(doc: Y.Doc, id: string, text: string): void {
	const current = requireNote(doc, id).get('text');
	if (!(current instanceof Y.Text)) throw new DomainError('not_found', 'This note was deleted meanwhile.');
	doc.transact(() => writeText(current, text.slice(0, stickyLimits.text)), editOrigin);
}

/** Notes that are gone already are fine. */
export function removeNotes(doc: Y.Doc, ids: readonly string[]): void {
	doc.transact(() => {
		for (const id of ids) notesOf(doc).delete(id);
	}, editOrigin);
}
