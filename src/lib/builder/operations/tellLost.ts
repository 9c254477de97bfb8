import type * as Y from 'yjs';
import { toast } from 'svelte-sonner';
import { copyNodes } from '#lib/collab/clip.ts';
import { paste } from '#lib/collab/edits/paste.ts';
import { nodesOf } from '#lib/collab/layout.ts';
import type { Builder } from '../builder.svelte.ts';
import { nodeWords } from '../words/nodeWords.ts';

/**
 * COL-2: somebody else deletes the step that is open here. It is said, and what was written into it is offered as a
 * copy: nothing typed is lost. Answers how to stop.
 */
export function tellLost(builder: Builder): () => void {
	const nodes = nodesOf(builder.doc);
	function changed(event: Y.YMapEvent<Y.Map<unknown>>, { local }: Y.Transaction) {
		const { focus } = builder;
		if (local || focus.kind !== 'node') return;
		if (event.changes.keys.get(focus.id)?.action !== 'delete') return;
		// The canvas shows the change in the next frame: this is how it was.
		const node = builder.node(focus.id);
		const clip = copyNodes(builder.draft, [focus.id]);
		if (!node || !clip) return;
		toast(`Somebody else deleted "${nodeWords(node, builder.context).title}"`, {
			...(builder.canEdit && {
				action: {
					label: 'Put a copy there',
					onClick: () => {
						const ids = builder.editApart((doc) => paste(doc, clip, node.position));
						if (ids) builder.select(ids);
					}
				}
			})
		});
	}
	nodes.observe(changed);
	return () => nodes.unobserve(changed);
}
