import { and, asc, desc, eq, gt } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import {
	cadences,
	documents,
	documentClients,
	documentSnapshots,
	documentUpdates
} from '../db/schema/cadences.ts';

export type StoredDocument = {
	generation: number;
	/** The last log number that `updates` contains. */
	seq: number;
	/** The newest snapshot and everything logged after it, in order. */
	updates: Uint8Array[];
};

export type DocumentKey = { orgId: string; cadenceId: string };

const ofDocument = (
	table: typeof documentUpdates | typeof documentSnapshots | typeof documentClients,
	{ orgId, cadenceId }: DocumentKey,
	generation: number
) => and(eq(table.orgId, orgId), eq(table.cadenceId, cadenceId), eq(table.generation, generation));

/**
 * Reads a whole document as of one moment. With `lock` nobody can write until the transaction ends.
 * @throws DomainError `not_found` also for a deleted cadence
 */
export async function loadDocument(
	tx: OrgTx,
	key: DocumentKey,
	options: { lock?: boolean } = {}
): Promise<StoredDocument> {
	const query = tx
		.select({ generation: documents.generation, seq: documents.seq, deletedAt: cadences.deletedAt })
		.from(documents)
		.innerJoin(cadences, and(eq(cadences.orgId, documents.orgId), eq(cadences.id, documents.cadenceId)))
		.where(and(eq(documents.orgId, key.orgId), eq(documents.cadenceId, key.cadenceId)));
	const [row] = await (options.lock
		? query.for('update', { of: documents })
		: query.for('share', { of: documents }));
	if (!row || row.deletedAt) throw new DomainError('not_found', 'This cadence is no longer there.');
	const [snapshot] = await tx
		.select({ seq: documentSnapshots.seq, bytes: documentSnapshots.bytes })
		.from(documentSnapshots)
		.where(ofDocument(documentSnapshots, key, row.generation))
		.orderBy(desc(documentSnapshots.seq))
		.limit(1);
	const log = await readLog(tx, key, row.generation, snapshot?.seq ?? 0);
	const updates = log.map(({ bytes }) => bytes);
	return {
		generation: row.generation,
		seq: row.seq,
		updates: snapshot ? [snapshot.bytes, ...updates] : updates
	};
}

export const readLog = (
	tx: OrgTx,
	key: DocumentKey,
	generation: number,
	after: number
): Promise<{ seq: number; bytes: Uint8Array }[]> =>
	tx
		.select({ seq: documentUpdates.seq, bytes: documentUpdates.bytes })
		.from(documentUpdates)
		.where(and(ofDocument(documentUpdates, key, generation), gt(documentUpdates.seq, after)))
		.orderBy(asc(documentUpdates.seq));

/** Who owns which Yjs client id: the first writer; nobody else may write it. */
export async function loadOwners(
	tx: OrgTx,
	key: DocumentKey,
	generation: number
): Promise<Map<number, string>> {
	const rows = await tx
		.select({ clientId: documentClients.clientId, userId: documentClients.userId })
		.from(documentClients)
		.where(ofDocument(documentClients, key, generation));
	return new Map(rows.map(({ clientId, userId }) => [clientId, userId]));
}
