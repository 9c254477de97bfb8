import { edgeKey } from '#lib/collab/edgeKeys.ts';
import { addBranch } from '#lib/collab/edits/addBranch.ts';
import { removeBranch } from '#lib/collab/edits/removeBranch.ts';
import { setAlso } from '#lib/collab/edits/setAlso.ts';
import { isResponseUsed } from '#lib/collab/graph.ts';
import { editOrigin } from '#lib/collab/origins.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { Builder } from '../builder.svelte.ts';

/** GRA-2: lets a branch begin at another response. Its key changes; target, delay and the rest stay. */
export function changeResponse(
	builder: Builder,
	key: string,
	ref: { response: string; parameter?: string | undefined }
): void {
	const edge = builder.draft.edges[key];
	if (!edge) return;
	const from = { source: edge.source, ...ref };
	if (edgeKey(from) === key) return;
	const changed = builder.editApart((doc) => {
		if (isResponseUsed(doc, from)) throw new DomainError('conflict', 'This response already has a branch.');
		return doc.transact(() => {
			removeBranch(doc, key);
			const made = addBranch(doc, { from, target: edge.target, delay: edge.delay });
			if (edge.also.length) setAlso(doc, made, edge.also);
			return made;
		}, editOrigin);
	});
	if (changed !== undefined) builder.select([], changed);
}
