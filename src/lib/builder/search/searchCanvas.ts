import type { StickyNote } from '#lib/collab/stickyNotes.ts';
import type { Draft, DraftNode } from '#lib/domain/cadence/draft.ts';

export type Hit = {
	id: string;
	/** What the step is called, and where the words stand in it when not in its name. */
	title: string;
	excerpt: string;
};
/** A step in the words of its card, and what its kind is called. */
export type StepWords = { title: string; what: string; kind: string };

const around = 24;

/** The stretch of a text around what was found. */
function excerptOf(text: string, at: number, length: number): string {
	const from = Math.max(0, at - around);
	const to = Math.min(text.length, at + length + around);
	return `${from > 0 ? '…' : ''}${text.slice(from, to).replaceAll('\n', ' ')}${to < text.length ? '…' : ''}`;
}

function textsOf(node: DraftNode, words: StepWords): string[] {
	const own = Object.entries(node)
		.filter(([field]) => ['subject', 'notes', 'description', 'agenda', 'reason', 'message'].includes(field))
		.map(([, value]) => (typeof value === 'string' ? value : ''));
	return [words.title, words.what, words.kind, ...own];
}

/**
 * COL-4: where a text stands on the canvas: names, templates, subjects, notes, kinds of steps and sticky notes. From
 * top to bottom, as one reads.
 */
export function searchCanvas(
	draft: Draft,
	notes: readonly StickyNote[],
	wordsOf: (node: DraftNode) => StepWords,
	query: string
): Hit[] {
	const wanted = query.trim().toLocaleLowerCase();
	if (!wanted) return [];
	const find = (texts: readonly string[]) => {
		for (const [index, text] of texts.entries()) {
			const at = text.toLocaleLowerCase().indexOf(wanted);
			if (at >= 0) return index === 0 ? '' : excerptOf(text, at, wanted.length);
		}
		return null;
	};
	const hits: (Hit & { position: readonly [number, number] })[] = [];
	for (const node of Object.values(draft.nodes)) {
		const words = wordsOf(node);
		const excerpt = find(textsOf(node, words));
		if (excerpt !== null) hits.push({ id: node.id, title: words.title, excerpt, position: node.position });
	}
	for (const note of notes) {
		const excerpt = find(['Note', note.text]);
		if (excerpt !== null) hits.push({ id: note.id, title: 'Note', excerpt, position: note.position });
	}
	return hits
		.sort((a, b) => a.position[1] - b.position[1] || a.position[0] - b.position[0])
		.map(({ id, title, excerpt }) => ({ id, title, excerpt }));
}

/** The place of the hit after (or before) this one; after the last comes the first. */
export const nextHit = (at: number, step: 1 | -1, count: number): number =>
	(at + step + count) % Math.max(1, count);
