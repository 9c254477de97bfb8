import type * as Y from 'yjs';
import { toast } from 'svelte-sonner';
import { copyNodes, type Clip } from '#lib/collab/clip.ts';
import { paste } from '#lib/collab/edits/paste.ts';
import { nodesOf, type NodeMap } from '#lib/collab/layout.ts';
import { notesOf, type StickyMap } from '#lib/collab/stickyNotes.ts';
import type { Builder } from '../builder.svelte.ts';
import { findEraser } from './findEraser.ts';
import { nodeWords } from '../words/nodeWords.ts';

/**
 * COL-2: somebody else deletes the step that is open here, or the note that is being written. It is said, and what was
 * written is offered as a copy: nothing typed is lost. Answers how to stop.
 */
export function tellLost(builder: Builder): () => void {
	// The canvas shows a change in the next frame: what it holds now is how it was.
	const step = ({ changes, target }: Y.YMapEvent<NodeMap>, transaction: Y.Transaction) => {
		const { focus } = builder;
		const node = focus.kind === 'node' ? builder.node(focus.id) : undefined;
		if (!node || !isTaken(node.id, changes, transaction)) return;
		const title = Array.from(nodeWords(node, builder.context).title);
		const short = title.length > 40 ? `${title.slice(0, 40).join('')}...` : title.join('');
		const who = findEraser(builder, target, node.id);
		offerCopy(builder, who, `"${short}"`, copyNodes(builder.draft, [node.id]), node.position);
	};
	const note = ({ changes, target }: Y.YMapEvent<StickyMap>, transaction: Y.Transaction) => {
		const written = builder.stickies.find(({ id }) => id === builder.writing);
		if (!written || !isTaken(written.id, changes, transaction)) return;
		const who = findEraser(builder, target, written.id);
		offerCopy(builder, who, 'the note', copyNodes(builder.draft, [], [written]), written.position);
	};
	nodesOf(builder.doc).observe(step);
	notesOf(builder.doc).observe(note);
	return () => {
		nodesOf(builder.doc).unobserve(step);
		notesOf(builder.doc).unobserve(note);
	};
}

type Changes = { keys: ReadonlyMap<string, { action: string }> };
const isTaken = (id: string, { keys }: Changes, { local }: Y.Transaction): boolean =>
	!local && keys.get(id)?.action === 'delete';

function offerCopy(
	builder: Builder,
	who: Promise<string>,
	what: string,
	clip: Clip | null,
	at: readonly [number, number]
): void {
	const put = () => {
		const ids = builder.editApart((doc) => paste(doc, clip, at));
		if (ids) builder.select(ids);
	};
	void who.then((name) =>
		toast(`${name} deleted ${what}`, {
			// The only way back to what one has just typed: it waits for whoever looks elsewhere.
			duration: 30_000,
			...(clip && builder.canEdit && { action: { label: 'Put a copy there', onClick: put } })
		})
	);
}
