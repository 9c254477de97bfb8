import type { Dropped } from '#lib/collab/document.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import type { OrgTx } from '../db/client.ts';
import { loadDocument, type DocumentKey } from './loadDocument.ts';
import { projectUpdates } from './newGeneration.ts';

/**
 * The draft as stored at this moment, to look at: unlike `readDraft` it does not say who drew it.
 * @throws DomainError `not_found`
 */
export async function peekDraft(
	tx: OrgTx,
	key: DocumentKey
): Promise<{ draft: Draft; dropped: Dropped[]; generation: number; seq: number }> {
	const { updates, generation, seq } = await loadDocument(tx, key);
	return { ...projectUpdates(updates), generation, seq };
}
