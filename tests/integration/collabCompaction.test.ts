import { sql } from 'drizzle-orm';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { moveNodes } from '../../src/lib/collab/edits/moveNodes.ts';
import { projectDraft } from '../../src/lib/collab/document.ts';
import { compactDocuments } from '../../src/lib/server/collab/compactDocuments.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { openPage, startCollab, until } from '../support/collabServer.ts';
import { createWorld } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { expect, test } from '../support/db.ts';

test('VER-1: a long log is folded into a snapshot without losing an edit or its author', async ({ db }) => {
	useConfig(db.urls);
	const world = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const cadenceId = await world.addCadence();
	// The second process is told nothing: it must notice by its poll that the log it reads from was folded.
	const [server, lagging] = [
		await startCollab(db.urls.web, { limits: { compactEvery: 20 } }),
		await startCollab(db.urls.web, { useNotify: false, pollMs: 600_000 })
	];
	const page = openPage({ port: server.port, cadenceId }, ann);
	const watcher = openPage({ port: lagging.port, cadenceId }, ann);
	await Promise.all([page.saved(), watcher.saved()]);
	const { id } = addAction(page.doc, { node: { kind: 'email', position: [0, 0] } });
	for (let i = 1; i <= 60; i++) {
		moveNodes(page.doc, { [id]: [i, i] });
		await page.saved();
	}
	const [queued] = await db.admin.execute(
		sql`select count(*)::int as n from graphile_worker.jobs where task_identifier = 'compactDocuments'`
	);
	expect(queued).toEqual({ n: 1 });
	expect(await compactDocuments(db.worker, { every: 20 })).toBe(1);
	expect(await compactDocuments(db.worker, { every: 20 })).toBe(0);
	const [log] = await db.admin.execute(
		sql`select count(*)::int as n from document_updates where cadence_id = ${cadenceId}`
	);
	expect(log).toEqual({ n: 0 });

	await lagging.collab.poll();
	await until(() => projectDraft(watcher.doc).draft.nodes[id]?.position[0] === 60);
	moveNodes(watcher.doc, { [id]: [99, 99] });
	await watcher.saved();
	const read = await withOrg(db.web, world.orgId, (tx) =>
		readDraft(tx, world.orgId, cadenceId, { since: 1 })
	);
	expect(read.draft.nodes[id]!.position).toEqual([99, 99]);
	expect(read.contributors).toEqual([ann.userId]);
	page.destroy();
	watcher.destroy();
	await Promise.all([server.close(), lagging.close()]);
	expect([...server.errors, ...lagging.errors]).toEqual([]);
});
