import { and, eq, lt, lte, ne, or, sql } from 'drizzle-orm';
import * as Y from 'yjs';
import type { OrgTx } from '../db/client.ts';
import { documents, documentSnapshots, documentUpdates } from '../db/schema/cadences.ts';
import { failpoint } from '../failpoint.ts';
import { createDoc } from './gate.ts';
import { loadDocument, type DocumentKey } from './loadDocument.ts';

/** Old snapshots and replaced generations stay this long. */
const KEEP_DAYS = 30;

/**
 * RELIABILITY.md 3.2.6: folds the log of a document into one snapshot, all in one transaction under the document's
 * lock. The snapshot is loaded again and compared before a line of the log goes; who wrote what is folded too.
 * @throws Error when the snapshot would not equal the log: nothing is changed then
 */
export async function compactDocument(tx: OrgTx, key: DocumentKey): Promise<void> {
	const { generation, seq, updates } = await loadDocument(tx, key, { lock: true });
	const { orgId, cadenceId } = key;
	failpoint('compact.read');
	const bytes = encodeVerified(updates);
	await tx
		.insert(documentSnapshots)
		.values({ ...key, generation, seq, bytes })
		.onConflictDoNothing();
	failpoint('compact.snapshot');
	await tx.execute(sql`
		insert into document_contributors (org_id, cadence_id, user_id, last_seq)
		select org_id, cadence_id, user_id, max(seq) from document_updates
		where org_id = ${orgId} and cadence_id = ${cadenceId} and generation = ${generation} and seq <= ${seq}
			and user_id is not null
		group by 1, 2, 3
		on conflict (org_id, cadence_id, user_id)
			do update set last_seq = greatest(document_contributors.last_seq, excluded.last_seq)`);
	failpoint('compact.authors');
	await tx
		.delete(documentUpdates)
		.where(
			and(
				eq(documentUpdates.orgId, orgId),
				eq(documentUpdates.cadenceId, cadenceId),
				eq(documentUpdates.generation, generation),
				lte(documentUpdates.seq, seq)
			)
		);
	failpoint('compact.log');
	await tx
		.update(documents)
		.set({ compactedSeq: seq })
		.where(and(eq(documents.orgId, orgId), eq(documents.cadenceId, cadenceId)));
	await dropOld(tx, key, generation, seq);
	failpoint('compact.written');
}

async function dropOld(
	tx: OrgTx,
	{ orgId, cadenceId }: DocumentKey,
	generation: number,
	seq: number
): Promise<void> {
	const before = sql`app.now() - make_interval(days => ${KEEP_DAYS}::int)`;
	const { orgId: snapshotOrg, cadenceId: snapshotCadence } = documentSnapshots;
	await tx
		.delete(documentSnapshots)
		.where(
			and(
				eq(snapshotOrg, orgId),
				eq(snapshotCadence, cadenceId),
				or(ne(documentSnapshots.generation, generation), ne(documentSnapshots.seq, seq)),
				lt(documentSnapshots.at, before)
			)
		);
	const { orgId: logOrg, cadenceId: logCadence } = documentUpdates;
	await tx
		.delete(documentUpdates)
		.where(
			and(
				eq(logOrg, orgId),
				eq(logCadence, cadenceId),
				lt(documentUpdates.generation, generation),
				lt(documentUpdates.at, before)
			)
		);
}

function encodeVerified(updates: readonly Uint8Array[]): Uint8Array {
	const doc = open(updates);
	const bytes = Y.encodeStateAsUpdate(doc);
	const again = open([bytes]);
	const same =
		!doc.store.pendingStructs &&
		!doc.store.pendingDs &&
		Buffer.from(Y.encodeStateVector(doc)).equals(Buffer.from(Y.encodeStateVector(again))) &&
		contentOf(doc) === contentOf(again);
	doc.destroy();
	again.destroy();
	if (!same) throw new Error('A snapshot would differ from its log; the log is kept.');
	return bytes;
}

function open(updates: readonly Uint8Array[]): Y.Doc {
	const doc = createDoc();
	doc.transact(() => {
		for (const update of updates) Y.applyUpdate(doc, update);
	});
	return doc;
}

/** JSON with its keys in order: two replicas may hold the same entries in different order. */
const contentOf = (doc: Y.Doc): string =>
	JSON.stringify(doc.toJSON(), (_key, value: unknown) =>
		value && typeof value === 'object' && !Array.isArray(value)
			? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
			: value
	);
