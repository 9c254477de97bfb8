import { sql } from 'drizzle-orm';
import { projectDraft } from '../../src/lib/collab/document.ts';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { killWhileWriting } from '../faults/Y1/killWhileWriting.ts';
import { typeWhileLoading } from '../faults/Y12/slowLoads.ts';
import { killOneOfTwo } from '../faults/Y16/failOver.ts';
import { openPage, startCollab, until } from '../support/collabServer.ts';
import { useConfig } from '../support/config.ts';
import { createWorld } from '../support/collabWorld.ts';
import { describe, expect, test } from '../support/db.ts';

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

describe('faults', () => {
	test('Y1: killing the server loses no edit that was echoed', async ({ db }) => {
		const figures = await killWhileWriting(db, { writers: 8, edits: 80, kills: 1 });
		expect(figures).toMatchObject({ kills: 1, lost: 0 });
		expect(figures.acknowledged).toBeGreaterThanOrEqual(80);
	}, 60_000);

	test('Y12: a slow and failing load loses nothing and starts nothing empty', async ({ db }) => {
		const random = seededRandom(12);
		const slow = { cadences: 6, typists: 4, delayMs: 150, failing: 0.3, random };
		const { failedLoads, ...figures } = await typeWhileLoading(db, slow);
		expect(figures).toEqual({ opens: 24, lost: 0, blank: 0, dropped: 0 });
		expect(failedLoads).toBeGreaterThan(0);
	});

	test('Y16: when one of two processes dies, the other takes over and nothing is lost', async ({ db }) => {
		const figures = await killOneOfTwo(db, { clients: 4, kills: 1 });
		expect(figures).toMatchObject({ kills: 1, lost: 0, differentViews: 0 });
		expect(figures.slowestTakeoverMs).toBeLessThan(15_000);
	}, 60_000);

	test('COL-2: when storing fails, pages stay unsaved and are stored when it works again', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const ann = await world.addUser('Ann', 'editor');
		const cadenceId = await world.addCadence();
		const server = await startCollab(db.urls.web);
		const page = openPage({ port: server.port, cadenceId }, ann);
		await page.saved();
		const logged = async () => {
			const [row] = await db.admin.execute<{ n: number }>(
				sql`select count(*)::int as n from document_updates where cadence_id = ${cadenceId}`
			);
			return row!.n;
		};
		await db.admin.execute(sql`create function app.refuse() returns trigger language plpgsql as
			$$ begin raise exception 'disk full'; end $$`);
		await db.admin.execute(sql`create trigger refuse before insert on document_updates
			for each row execute function app.refuse()`);
		addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } });
		await until(() => page.state.status === 'offline');
		expect(page.state.unsaved).toBe(1);
		expect(await logged()).toBe(1);
		await db.admin.execute(sql`drop trigger refuse on document_updates`);
		await page.saved();
		expect(await logged()).toBe(2);
		expect(server.errors.length).toBeGreaterThan(0);
		page.destroy();
		await server.close();
	});

	test('COL-2: a database that does not answer is given up, and the edit is stored later', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const ann = await world.addUser('Ann', 'editor');
		const cadenceId = await world.addCadence();
		const server = await startCollab(db.urls.web, { limits: { storeMs: 300 } });
		const page = openPage({ port: server.port, cadenceId }, ann);
		await page.saved();
		await db.admin.transaction(async (tx) => {
			await tx.execute(sql`select 1 from documents where cadence_id = ${cadenceId} for update`);
			addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } });
			await until(() => page.state.status === 'offline');
			expect(page.state.unsaved).toBe(1);
		});
		await page.saved();
		const { draft } = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
		expect(Object.keys(draft.nodes)).toHaveLength(2);
		page.destroy();
		await server.close();
	});

	test('Y16: the poll alone brings two processes together when every hint is lost', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const ann = await world.addUser('Ann', 'editor');
		const cadenceId = await world.addCadence();
		const options = { useNotify: false, pollMs: 100 };
		const [one, two] = [await startCollab(db.urls.web, options), await startCollab(db.urls.web, options)];
		const a = openPage({ port: one.port, cadenceId }, ann);
		const b = openPage({ port: two.port, cadenceId }, ann);
		await Promise.all([a.saved(), b.saved()]);
		for (let i = 0; i < 30; i++) {
			addAction(a.doc, { node: { kind: 'exit', position: [i, 0] } });
			addAction(b.doc, { node: { kind: 'exit', position: [i, 1] } });
			if (i % 5 === 0) await sleep(30);
		}
		await Promise.all([a.saved(), b.saved()]);
		await until(() => a.doc.getMap('nodes').size === 61 && b.doc.getMap('nodes').size === 61);
		expect(projectDraft(a.doc)).toEqual(projectDraft(b.doc));
		a.destroy();
		b.destroy();
		await Promise.all([one.close(), two.close()]);
	});
});
