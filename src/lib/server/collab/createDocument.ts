import type { StickyNote } from '#lib/collab/stickyNotes.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import type { OrgTx } from '../db/client.ts';
import { documents } from '../db/schema/cadences.ts';
import { writeGeneration } from './newGeneration.ts';

/**
 * Starts the document of a new cadence (VER-1), in the transaction that creates it.
 * @throws DomainError `invalid` when the draft is too large
 */
export async function createDocument(
	tx: OrgTx,
	orgId: string,
	cadenceId: string,
	draft: Draft,
	userId: string,
	notes: readonly StickyNote[] = []
): Promise<{ generation: number; seq: number }> {
	const at = { generation: 1, seq: 1 };
	await tx.insert(documents).values({ orgId, cadenceId, ...at });
	await writeGeneration(tx, { orgId, cadenceId }, draft, { ...at, userId }, { notes });
	return at;
}
