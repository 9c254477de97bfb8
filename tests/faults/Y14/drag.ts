import { sql } from 'drizzle-orm';
import * as Y from 'yjs';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { moveNodes } from '../../../src/lib/collab/edits/moveNodes.ts';
import { compactDocuments } from '../../../src/lib/server/collab/compactDocuments.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openDraftPlace } from '../../support/collabPlace.ts';
import { openPage } from '../../support/collabServer.ts';

/** Drags of one action, stored one by one, then folded: how much the document and its snapshot grew. */
export async function dragOnAndOn(db: TestDatabase, drags: number) {
	const { ann, cadenceId, server, target } = await openDraftPlace(db);
	const page = openPage(target, ann);
	await page.saved();
	const { id } = addAction(page.doc, { node: { kind: 'email', position: [0, 0] } });
	await page.saved();
	const before = Y.encodeStateAsUpdate(page.doc).byteLength;
	for (let n = 1; n <= drags; n++) {
		moveNodes(page.doc, { [id]: [n, -n] });
		if (n % 20 === 0) await page.saved();
	}
	await page.saved();
	const docGrew = Y.encodeStateAsUpdate(page.doc).byteLength - before;
	await compactDocuments(db.worker, { every: 1 });
	const [row] = await db.admin.execute<{ bytes: number; stored: number }>(sql`
		select (select length(bytes) from document_snapshots where cadence_id = ${cadenceId} order by seq desc limit 1) as bytes,
			(select seq::int from documents where cadence_id = ${cadenceId}) as stored`);
	page.destroy();
	await server.close();
	return { drags, stored: row!.stored - 2, docGrewBytes: docGrew, snapshotGrewBytes: row!.bytes - before };
}
