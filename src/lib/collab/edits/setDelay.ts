import type * as Y from 'yjs';
import { DomainError } from '#lib/domain/errors.ts';
import { delaySchema, type Delay } from '#lib/domain/time/delay.ts';
import { requireEdge } from '../graph.ts';
import { editOrigin } from '../origins.ts';

/**
 * Sets how long a branch waits (GRA-5).
 * @throws DomainError `invalid` when the delay is out of range
 */
export function setDelay(doc: Y.Doc, key: string, delay: Delay): void {
	const edge = requireEdge(doc, key);
	const parsed = delaySchema.safeParse(delay);
	if (!parsed.success) throw new DomainError('invalid', 'Use a delay from 1 to 99.', `/edges/${key}/delay`);
	doc.transact(() => edge.set('delay', parsed.data), editOrigin);
}
