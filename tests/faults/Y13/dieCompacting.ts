import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sql } from 'drizzle-orm';
import * as Y from 'yjs';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { moveNodes } from '../../../src/lib/collab/edits/moveNodes.ts';
import { projectDraft } from '../../../src/lib/collab/document.ts';
import { createDoc } from '../../../src/lib/server/collab/gate.ts';
import { loadDocument } from '../../../src/lib/server/collab/loadDocument.ts';
import { readDraft } from '../../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openDraftPlace } from '../../support/collabPlace.ts';
import { openPage } from '../../support/collabServer.ts';
import { testEnvironment } from '../../support/config.ts';

const points = [
	'compact.read',
	'compact.snapshot',
	'compact.authors',
	'compact.log',
	'compact.written',
	'compact.committed'
];

/** Compactions that die at every named place, again and again, with edits between them. What is read after each. */
export async function dieCompacting(db: TestDatabase, program: string, times: number) {
	const { world, ann, cadenceId, server, target } = await openDraftPlace(db);
	const key = { orgId: world.orgId, cadenceId };
	const page = openPage(target, ann);
	await page.saved();
	const { id } = addAction(page.doc, { node: { kind: 'email', position: [0, 0], title: 'Moved about' } });
	const read = () =>
		withOrg(db.web, world.orgId, async (tx) => {
			const { updates, seq } = await loadDocument(tx, key);
			const { contributors } = await readDraft(tx, world.orgId, cadenceId, { since: 1 });
			const doc = createDoc();
			for (const update of updates) Y.applyUpdate(doc, update);
			const vector = Buffer.from(Y.encodeStateVector(doc)).toString('hex');
			const json = JSON.stringify(projectDraft(doc));
			doc.destroy();
			return { vector, json, seq, updates: updates.length, contributors: contributors.join() };
		});
	let died = 0;
	let different = 0;
	let folded = 0;
	for (let time = 0; time < times; time++) {
		for (const point of points) {
			for (let n = 0; n < 5; n++) moveNodes(page.doc, { [id]: [time, n] });
			await page.saved();
			const before = await read();
			const child = spawn(process.execPath, [program, db.urls.worker], {
				env: { ...testEnvironment(db.urls), PATH: process.env['PATH'], FAILPOINT: point },
				stdio: ['ignore', 'ignore', 'inherit']
			});
			const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
			if (signal === 'SIGKILL') died++;
			await db.admin.execute(sql`select 1`);
			const after = await read();
			if (after.updates < before.updates) folded++;
			const { updates: _was, ...kept } = before;
			const { updates: _is, ...now } = after;
			if (JSON.stringify(kept) !== JSON.stringify(now)) different++;
		}
	}
	page.destroy();
	await server.close();
	// Only who died after the commit has folded anything.
	return { kills: died, wanted: times * points.length, folded, foldedWanted: times, different };
}
