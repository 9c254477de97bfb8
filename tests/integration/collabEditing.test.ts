import * as Y from 'yjs';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { setText } from '../../src/lib/collab/edits/setText.ts';
import { projectDraft } from '../../src/lib/collab/document.ts';
import { keepOfflineCopy, restoreOfflineCopies } from '../../src/lib/collab/offlineCopy.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { converge } from '../faults/Y2/converge.ts';
import { restoreUnderPages } from '../faults/Y15/restore.ts';
import { openPage, startCollab, until } from '../support/collabServer.ts';
import { openCopies } from '../support/copyStore.ts';
import { createWorld } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { describe, expect, test } from '../support/db.ts';

const entry = { source: 'start', response: 'entry' };

describe('two people on one draft', () => {
	test('COL-1: nodes, text and cursors appear at the other; saved means stored', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const [ann, bob] = [await world.addUser('Ann', 'editor'), await world.addUser('Bob', 'editor')];
		const cadenceId = await world.addCadence();
		const server = await startCollab(db.urls.web);
		const target = { port: server.port, cadenceId };
		const [a, b] = [openPage(target, ann), openPage(target, bob)];
		await Promise.all([a.saved(), b.saved()]);

		const mail = addAction(a.doc, { node: { kind: 'email', position: [0, 100] }, from: entry });
		expect(a.state.status).toBe('saving');
		await a.saved();
		const stored = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
		expect(stored.draft.nodes[mail.id]).toMatchObject({ kind: 'email' });
		await until(() => b.doc.getMap('nodes').has(mail.id));

		setText(b.doc, mail.id, 'title', 'From Bob');
		await until(() => projectDraft(a.doc).draft.nodes[mail.id]?.title === 'From Bob');
		await b.saved();
		expect(projectDraft(a.doc)).toEqual(projectDraft(b.doc));

		a.setPresence({ cursor: [10, 20], selection: [mail.id] });
		await until(() => b.others().get(a.doc.clientID)?.cursor?.[0] === 10);
		expect(b.others().get(a.doc.clientID)?.user).toMatchObject({ id: ann.userId, name: 'Ann' });
		a.destroy();
		await until(() => b.others().size === 0);
		b.destroy();
		await server.close();
		expect(server.errors).toEqual([]);
		const last = await withOrg(db.web, world.orgId, (tx) =>
			readDraft(tx, world.orgId, cadenceId, { since: 1 })
		);
		expect(last.contributors.sort()).toEqual([ann.userId, bob.userId].sort());
	});

	test('COL-1, VER-1: who may only watch is seen pointing, and moves nothing on a screen, whatever the page claims', async ({
		db
	}) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const [ann, vic] = [await world.addUser('Ann', 'editor'), await world.addUser('Vic', 'viewer')];
		const server = await startCollab(db.urls.web);
		const target = { port: server.port, cadenceId: await world.addCadence() };
		const [a, forger] = [openPage(target, ann), openPage(target, vic, true)];
		await a.saved();
		const claims = {
			dragging: { start: [900, 900] as [number, number] },
			sizing: { note: 'n1', box: [0, 0, 10, 10] as [number, number, number, number] },
			editing: { node: 'start', field: 'title' }
		};
		forger.setPresence({ cursor: [7, 8], ...claims });
		await until(() => a.others().get(forger.doc.clientID)?.cursor?.[0] === 7);
		expect(a.others().get(forger.doc.clientID)).toMatchObject({
			...{ dragging: null, sizing: null, editing: null },
			user: { id: vic.userId }
		});
		// The same words of somebody who may edit are passed on: it is the right that makes the difference.
		a.setPresence({ cursor: [1, 2], ...claims });
		await until(() => forger.others().get(a.doc.clientID)?.cursor?.[0] === 1);
		expect(forger.others().get(a.doc.clientID)).toMatchObject(claims);
		for (const page of [a, forger]) page.destroy();
		await server.close();
		expect(server.errors).toEqual([]);
	});

	test('COL-2: edits made offline are merged and stored at reconnect', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const ann = await world.addUser('Ann', 'editor');
		const cadenceId = await world.addCadence();
		const first = await startCollab(db.urls.web);
		const a = openPage({ port: first.port, cadenceId }, ann);
		await a.saved();
		await first.close();
		await until(() => a.state.status === 'offline');
		const { copies, store } = openCopies();
		const scope = { userId: ann.userId, cadenceId, generation: 1 };
		const stopKeeping = keepOfflineCopy(a, store, scope);
		const mail = addAction(a.doc, {
			node: { kind: 'email', position: [0, 0], title: 'Offline' },
			from: entry
		});
		setText(a.doc, mail.id, 'notes', 'typed on a train');
		expect(a.state).toEqual({ status: 'offline', unsaved: 2 });
		stopKeeping();
		a.destroy();
		expect(copies.size).toBe(1);

		const second = await startCollab(db.urls.web);
		const doc = new Y.Doc();
		expect(await restoreOfflineCopies(doc, store, { ...scope, generation: 2 })).toEqual([]);
		const restored = await restoreOfflineCopies(doc, store, scope);
		const again = openPage({ port: second.port, cadenceId }, ann, true, doc);
		const stopAgain = keepOfflineCopy(again, store, scope, restored);
		await again.saved();
		expect(copies.size).toBe(0);
		stopAgain();
		const { draft } = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
		expect(draft.nodes[mail.id]).toMatchObject({ title: 'Offline', notes: 'typed on a train' });
		again.destroy();
		await second.close();
	});

	test('COL-2: when the browser says that the network is lost, the state line says so at once, and nothing is lost', async ({
		db
	}) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const ann = await world.addUser('Ann', 'editor');
		const cadenceId = await world.addCadence();
		const server = await startCollab(db.urls.web);
		const page = openPage({ port: server.port, cadenceId }, ann);
		await page.saved();
		page.doubt();
		expect(page.state.status).toBe('offline');
		const mail = addAction(page.doc, { node: { kind: 'email', position: [0, 100] }, from: entry });
		expect(page.state).toMatchObject({ status: 'offline', unsaved: 1 });
		// It was there after all.
		await page.saved();
		const stored = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
		expect(stored.draft.nodes[mail.id]).toMatchObject({ kind: 'email' });
		page.destroy();
		await server.close();
	});

	test('COL-6: two app processes serve one draft, awareness included', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const [ann, bob] = [await world.addUser('Ann', 'editor'), await world.addUser('Bob', 'viewer')];
		const cadenceId = await world.addCadence();
		const [one, two] = [await startCollab(db.urls.web), await startCollab(db.urls.web)];
		const a = openPage({ port: one.port, cadenceId }, ann);
		const b = openPage({ port: two.port, cadenceId }, bob, false);
		await Promise.all([a.saved(), b.saved()]);
		for (let i = 0; i < 20; i++)
			addAction(a.doc, { node: { kind: 'exit', position: [i, 0], reason: `Reason ${i}` } });
		await a.saved();
		await until(() => b.doc.getMap('nodes').size === 21, 2_000);
		expect(b.state.status).toBe('viewOnly');
		a.setPresence({ cursor: [1, 2] });
		await until(() => b.others().get(a.doc.clientID)?.cursor?.[1] === 2, 2_000);
		a.destroy();
		await until(() => b.others().size === 0, 2_000);
		b.destroy();
		await Promise.all([one.close(), two.close()]);
		expect([...one.errors, ...two.errors]).toEqual([]);
	});

	test('Y15: a page of an older generation is refused with 4409 and keeps its edits', async ({ db }) => {
		expect(await restoreUnderPages(db, 2)).toEqual({
			restores: 2,
			refused: 4,
			kept: 2,
			strangeNodes: 0,
			strangeLogs: 0
		});
	});

	test('Y2: five people on two processes, in and out, see in the end what is stored', async ({ db }) => {
		const { offlineTimes, ...figures } = await converge(db, { runs: 2, moves: 100, seed: 2 });
		expect(figures).toEqual({ runs: 2, converged: 2, moves: 200, errors: 0 });
		expect(offlineTimes).toBeGreaterThan(0);
	});
});
