import { removeBranch } from '#lib/collab/edits/removeBranch.ts';
import { removeNode, removeNodes } from '#lib/collab/edits/removeNode.ts';
import { removeNotes } from '#lib/collab/edits/stickyEdits.ts';
import { editOrigin } from '#lib/collab/origins.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { graphOf } from '#lib/domain/plan/graph.ts';
import type { Builder } from '../builder.svelte.ts';

export type Removed = {
	steps: number;
	branches: number;
	notes: number;
	/** After the deletion was undone: deletes again and joins what is before and after. Null where that is no choice. */
	rejoin: (() => void) | null;
};

/** Takes away what is selected. Answers what went, null when nothing did: the caller offers to undo it. */
export function removeSelection(builder: Builder, options: { rejoin?: boolean } = {}): Removed | null {
	const ids = builder.selectedIds.filter((id) => id !== startNodeId);
	const key = builder.selectedEdge;
	const notes = builder.selectedNotes;
	const [only] = ids;
	if (only !== undefined || notes.length) {
		const choice = only !== undefined && ids.length === 1 && !options.rejoin && canRejoin(builder, only);
		const done = builder.editApart((doc) => {
			doc.transact(() => {
				if (options.rejoin && only !== undefined && ids.length === 1) removeNode(doc, only, { rejoin: true });
				else removeNodes(doc, ids);
				removeNotes(doc, notes);
			}, editOrigin);
			return true;
		});
		const rejoin = () => {
			builder.select(ids);
			removeSelection(builder, { rejoin: true });
		};
		return done
			? { steps: ids.length, branches: 0, notes: notes.length, rejoin: choice ? rejoin : null }
			: null;
	}
	if (key === null) return null;
	const done = builder.editApart((doc) => {
		removeBranch(doc, key);
		return true;
	});
	return done ? { steps: 0, branches: 1, notes: 0, rejoin: null } : null;
}

/** Can what leads to this step lead on to where its one branch goes? */
export function canRejoin(builder: Builder, id: string): boolean {
	const graph = graphOf(builder.draft);
	return (graph.out.get(id) ?? []).length === 1 && (graph.into.get(id) ?? []).length > 0;
}
