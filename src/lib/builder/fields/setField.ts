import { setNodeField } from '#lib/collab/edits/setNodeField.ts';
import type { Builder } from '../builder.svelte.ts';

/** Sets one value of a node, as one step of the undo history. Texts go through `bindText`. */
export const setField = (builder: Builder, nodeId: string, field: string, value: unknown): void => {
	builder.editApart((doc) => setNodeField(doc, nodeId, field, value));
};
