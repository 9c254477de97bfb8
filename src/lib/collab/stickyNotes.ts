import * as Y from 'yjs';
import { z } from 'zod';
import { nodeIdSchema } from '#lib/domain/cadence/draft.ts';

export const stickyColors = ['yellow', 'green', 'blue', 'pink', 'gray'] as const;
export type StickyColor = (typeof stickyColors)[number];
export const stickyLimits = { count: 100, text: 2000 } as const;

/** Canvas units. */
const side = z.int().min(80).max(1200);
export const stickyFields = z.strictObject({
	pos: z.tuple([z.number(), z.number()]),
	size: z.tuple([side, side]),
	color: z.enum(stickyColors)
});
type Fields = z.infer<typeof stickyFields>;

export const stickySchema = z.object({
	id: nodeIdSchema,
	position: stickyFields.shape.pos,
	size: stickyFields.shape.size,
	color: stickyFields.shape.color,
	text: z.string().max(stickyLimits.text)
});
/** COL-3: a note on the canvas. It is no step: nothing of it is published. */
export type StickyNote = z.infer<typeof stickySchema>;
export const newStickySize: Fields['size'] = [200, 140];

export type StickyMap = Y.Map<unknown>;
export const notesOf = (doc: Y.Doc): Y.Map<StickyMap> => doc.getMap('notes');

export function stickyToMap({ position, size, color, text }: Omit<StickyNote, 'id'>): StickyMap {
	return new Y.Map<unknown>([
		['pos', position],
		['size', size],
		['color', color],
		['text', new Y.Text(text)]
	]);
}

/** Never throws; what cannot be read looks like a new note, so that its text is not lost. Null: this is no note. */
function readNote(id: string, value: unknown): StickyNote | null {
	if (!(value instanceof Y.Map)) return null;
	const read = <K extends keyof Fields>(key: K, fallback: Fields[K]): Fields[K] => {
		const parsed = stickyFields.shape[key].safeParse(value.get(key));
		return parsed.success ? (parsed.data as Fields[K]) : fallback;
	};
	const text: unknown = value.get('text');
	return {
		id,
		position: read('pos', [0, 0]),
		size: read('size', newStickySize),
		color: read('color', 'yellow'),
		text: text instanceof Y.Text ? text.toString().slice(0, stickyLimits.text) : ''
	};
}

/** In the order of their ids: which of two that overlap lies above is the same for everybody. */
export const readNotes = (doc: Y.Doc): StickyNote[] =>
	[...notesOf(doc).entries()]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.flatMap(([id, value]) => readNote(id, value) ?? []);
