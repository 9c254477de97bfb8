import type * as Y from 'yjs';
import { DomainError } from '#lib/domain/errors.ts';
import { draftEdgeSchema, type DraftEdge } from '#lib/domain/cadence/draft.ts';
import { parseEdgeKey } from '../edgeKeys.ts';
import { isResponseUsed, requireEdge } from '../graph.ts';
import { editOrigin } from '../origins.ts';

/**
 * GRA-2 [+]: further responses that take this branch too.
 * @throws DomainError `conflict` when one of them has a branch already
 */
export function setAlso(doc: Y.Doc, key: string, also: DraftEdge['also']): void {
	const edge = requireEdge(doc, key);
	const parsed = draftEdgeSchema.shape.also.safeParse(also);
	const source = parseEdgeKey(key)?.source;
	if (!parsed.success || !source)
		throw new DomainError('invalid', 'Choose up to 20 responses.', `/edges/${key}/also`);
	const before = edge.get('also');
	const same = (a: DraftEdge['also'][number], b: unknown) => JSON.stringify(a) === JSON.stringify(b);
	for (const ref of parsed.data) {
		const isOwn = Array.isArray(before) && before.some((own) => same(ref, own));
		if (!isOwn && isResponseUsed(doc, { source, ...ref }))
			throw new DomainError('conflict', 'One of these responses already has a branch.', `/edges/${key}/also`);
	}
	doc.transact(() => edge.set('also', parsed.data), editOrigin);
}
