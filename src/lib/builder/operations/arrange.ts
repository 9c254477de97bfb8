import { moveNodes } from '#lib/collab/edits/moveNodes.ts';
import type { Builder } from '../builder.svelte.ts';
import { layoutDraft } from '../graph/layoutDraft.ts';

/** COL-4: auto-layout of the whole cadence, one step of the undo history. */
export const arrange = (builder: Builder): void => {
	builder.editApart((doc) => moveNodes(doc, Object.fromEntries(layoutDraft(builder.draft))));
};
