import { sql } from 'drizzle-orm';
import { moveNodes } from '../../src/lib/collab/edits/moveNodes.ts';
import { createSession } from '../../src/lib/server/auth/sessions.ts';
import { previewPublish } from '../../src/lib/server/cadences/previewPublish.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { appendUpdates } from '../../src/lib/server/collab/appendUpdates.ts';
import { peekDraft } from '../../src/lib/server/collab/peekDraft.ts';
import { readAfter } from '../../src/lib/server/collab/readAfter.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { publishWhileEditing } from '../faults/Y18/publishWhileEditing.ts';
import { makeCadence } from '../support/cadences.ts';
import { openPage, startCollab } from '../support/collabServer.ts';
import { useConfig } from '../support/config.ts';
import { makeWorld } from '../support/engineWorld.ts';
import { expect, test } from '../support/db.ts';

test('Y18: a version published while people edit is the draft at the log number it names', async ({ db }) => {
	const { edits, ...figures } = await publishWhileEditing(db, 20);
	expect(figures).toMatchObject({ published: 20, different: 0 });
	expect(figures.distinct).toBeGreaterThan(15);
	expect(edits).toBeGreaterThan(20);
});

test('VER-2, COL-2: while somebody publishes, previews or compares, and counts for long, edits are stored', async ({
	db
}) => {
	useConfig(db.urls);
	const world = await makeWorld(db);
	const { actor, orgId } = world;
	const cadenceId = await withOrg(db.web, orgId, (tx) => makeCadence(tx, actor, 'Edited'));
	const { cookie } = await createSession(db.web, { orgId, userId: actor.userId }, {});
	const server = await startCollab(db.urls.web, { limits: { storeMs: 1_000 } });
	const target = { port: server.port, cadenceId, generation: 2 };
	const page = openPage(target, { cookie: `${cookie.name}=${cookie.value}` });
	await page.saved();
	let x = 0;
	const drawn = async () => {
		moveNodes(page.doc, { look: [++x, 0] });
		await page.saved();
	};
	// Each transaction ends after the edit was stored: an edit that waited for it would fail.
	await withOrg(db.web, orgId, async (tx) => {
		await previewPublish(tx, actor, cadenceId);
		await peekDraft(tx, { orgId, cadenceId });
		await drawn();
	});
	await withOrg(db.web, orgId, async (tx) => {
		const { seq } = await peekDraft(tx, { orgId, cadenceId });
		await publishCadence(tx, actor, { cadenceId, expectedVersion: null });
		await drawn();
		expect((await peekDraft(tx, { orgId, cadenceId })).seq).toBeGreaterThan(seq);
	});
	expect(server.errors).toEqual([]);
	page.destroy();
	await server.close();
});

test('COL-6: a process that reads on while another one writes is given what it lacks, not the whole draft', async ({
	db
}) => {
	useConfig(db.urls);
	const { actor, orgId } = await makeWorld(db);
	const cadenceId = await withOrg(db.web, orgId, (tx) => makeCadence(tx, actor, 'Edited'));
	const key = { orgId, cadenceId };
	const { id } = await createSession(db.web, { orgId, userId: actor.userId }, {});
	const [session] = await db.admin.execute<{ id: string; epoch: number }>(
		sql`select s.id, u.epoch from sessions s join users u on u.id = s.user_id where u.id = ${actor.userId}`
	);
	expect(id).toBeTruthy();
	const author = { userId: actor.userId, sessionId: session!.id, epoch: session!.epoch };
	let isRunning = true;
	const writing = (async () => {
		while (isRunning)
			await appendUpdates(db.web, key, 2, [{ bytes: new Uint8Array([0, 0]), author, newClients: [] }], 1e6);
	})();
	let { seq } = (await readAfter(db.web, key, 2, 0))!;
	for (let i = 0; i < 300; i++) {
		const found = (await readAfter(db.web, key, 2, seq))!;
		expect(found.updates).toHaveLength(found.seq - seq);
		seq = found.seq;
	}
	isRunning = false;
	await writing;
});
