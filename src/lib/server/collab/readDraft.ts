import { and, eq, gt, lte, sql } from 'drizzle-orm';
import type { Dropped } from '#lib/collab/document.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import type { OrgTx } from '../db/client.ts';
import { documentContributors, documentUpdates } from '../db/schema/cadences.ts';
import { loadDocument, type DocumentKey } from './loadDocument.ts';
import { projectUpdates } from './newGeneration.ts';

export type ReadDraft = {
	draft: Draft;
	/** What the document holds but the draft leaves out: nothing may be published as if it were not there. */
	dropped: Dropped[];
	generation: number;
	/** The log number the draft was read at: a later edit cannot leak into what is made from it. */
	seq: number;
	/** Ids of the users who changed the draft after `since`. */
	contributors: string[];
};

/**
 * VER-2: the draft as stored at this moment, with its log number. Only stored edits are in it, whatever open canvases
 * still hold; who edits meanwhile waits for nothing, however long the transaction goes on to count or to move runs.
 * @throws DomainError `not_found`
 */
export async function readDraft(
	tx: OrgTx,
	orgId: string,
	cadenceId: string,
	options: { since?: number | undefined } = {}
): Promise<ReadDraft> {
	const { generation, seq, updates } = await loadDocument(tx, { orgId, cadenceId });
	const contributors = await listContributors(tx, { orgId, cadenceId }, options.since ?? 0, seq);
	return { ...projectUpdates(updates), generation, seq, contributors };
}

/** From the log, and from what compaction kept of log entries it folded. */
async function listContributors(
	tx: OrgTx,
	{ orgId, cadenceId }: DocumentKey,
	since: number,
	upTo: number
): Promise<string[]> {
	const logged = tx
		.select({ userId: sql<string>`${documentUpdates.userId}`.as('user_id') })
		.from(documentUpdates)
		.where(
			and(
				eq(documentUpdates.orgId, orgId),
				eq(documentUpdates.cadenceId, cadenceId),
				gt(documentUpdates.seq, since),
				lte(documentUpdates.seq, upTo),
				sql`${documentUpdates.userId} is not null`
			)
		);
	const folded = tx
		.select({ userId: sql<string>`${documentContributors.userId}`.as('user_id') })
		.from(documentContributors)
		.where(
			and(
				eq(documentContributors.orgId, orgId),
				eq(documentContributors.cadenceId, cadenceId),
				gt(documentContributors.lastSeq, since)
			)
		);
	const rows = await logged.union(folded);
	return rows.map(({ userId }) => userId);
}
