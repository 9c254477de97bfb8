import { and, eq } from 'drizzle-orm';
import * as Y from 'yjs';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { loadDocument } from '../../src/lib/server/collab/loadDocument.ts';
import { documentClients, documents, documentUpdates } from '../../src/lib/server/db/schema/cadences.ts';
import type { OrgTx } from '../../src/lib/server/db/client.ts';

/** One edit of one person, stored as the collaboration server stores it. */
export async function editStored(
	tx: OrgTx,
	actor: Actor,
	cadenceId: string,
	change: (doc: Y.Doc) => void
): Promise<void> {
	const key = { orgId: actor.orgId, cadenceId };
	const { updates, generation, seq } = await loadDocument(tx, key);
	const doc = new Y.Doc();
	for (const update of updates) Y.applyUpdate(doc, update);
	const before = Y.encodeStateVector(doc);
	change(doc);
	const row = { ...key, generation, userId: actor.userId };
	await tx
		.insert(documentUpdates)
		.values({ ...row, seq: seq + 1, bytes: Y.encodeStateAsUpdate(doc, before) });
	await tx.insert(documentClients).values({ ...row, clientId: doc.clientID });
	await tx
		.update(documents)
		.set({ seq: seq + 1 })
		.where(and(eq(documents.orgId, key.orgId), eq(documents.cadenceId, cadenceId)));
}

/** What is stored of a cadence's document now. */
export async function openStored(tx: OrgTx, actor: Actor, cadenceId: string): Promise<Y.Doc> {
	const { updates } = await loadDocument(tx, { orgId: actor.orgId, cadenceId });
	const doc = new Y.Doc();
	for (const update of updates) Y.applyUpdate(doc, update);
	return doc;
}
