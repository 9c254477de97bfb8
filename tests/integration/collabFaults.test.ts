import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import type { Connection } from '../../src/lib/collab/connection.ts';
import { projectDraft } from '../../src/lib/collab/document.ts';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { loadDocument, loadOwners } from '../../src/lib/server/collab/loadDocument.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { openPage, startCollab, testOrigin, until } from '../support/collabServer.ts';
import { testEnvironment, useConfig } from '../support/config.ts';
import { createWorld } from '../support/collabWorld.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';

const child = fileURLToPath(new URL('../support/collabChild.ts', import.meta.url));
/** RELIABILITY.md 3.4 asks for more; each kill costs a start of Node. */
const kills = Number(process.env['COLLAB_KILLS'] ?? 1);
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function startChild(db: TestDatabase, port: number): Promise<{ process: ChildProcess; port: number }> {
	const env = { ...testEnvironment(db.urls), PATH: process.env.PATH };
	const started = spawn(process.execPath, [child, db.urls.web, String(port), testOrigin], {
		env,
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const [line] = (await once(started.stdout!, 'data')) as [Buffer];
	return { process: started, port: Number(line.toString()) };
}

describe('faults', () => {
	test(
		'Y1: killing the server loses no edit that was echoed',
		async ({ db }) => {
			useConfig(db.urls);
			const world = await createWorld(db);
			const users = await Promise.all([1, 2, 3].map((n) => world.addUser(`Writer ${n}`, 'editor')));
			const cadenceId = await world.addCadence();
			let server = await startChild(db, 0);
			const { port } = server;
			const acknowledged = new Set<string>();
			const pages = new Set<Connection>();
			let isRunning = true;

			const write = async (index: number) => {
				while (isRunning) {
					const page = openPage({ port, cadenceId }, users[index % users.length]!);
					pages.add(page);
					// A writer vanishes after some echoes, so nobody is left who could offer its edits again.
					for (let i = 0; i < 60 && isRunning; i++) {
						const { id } = addAction(page.doc, { node: { kind: 'exit', position: [i, i] } });
						await Promise.race([page.saved().then(() => acknowledged.add(id)), sleep(1_500)]);
					}
					page.destroy();
					pages.delete(page);
				}
			};
			const writers = Array.from({ length: 8 }, (_, index) => write(index));
			// In the middle of writing; on a busy machine that takes longer.
			for (let kill = 1; kill <= kills; kill++) {
				const before = acknowledged.size;
				await until(() => acknowledged.size >= before + 30, 20_000);
				const dead = once(server.process, 'exit');
				server.process.kill('SIGKILL');
				await dead;
				server = await startChild(db, port);
			}
			const before = acknowledged.size;
			await until(() => acknowledged.size >= before + 10, 20_000);
			isRunning = false;
			await Promise.all(writers);
			for (const page of pages) page.destroy();
			const { draft } = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
			const dead = once(server.process, 'exit');
			server.process.kill('SIGKILL');
			await dead;
			const lost = [...acknowledged].filter((id) => !(id in draft.nodes));
			expect(lost).toEqual([]);
			expect(acknowledged.size).toBeGreaterThanOrEqual(kills * 30 + 10);
		},
		60_000 + kills * 20_000
	);

	test('Y12: a slow and failing load loses nothing and starts nothing empty', async ({ db }) => {
		useConfig(db.urls);
		const world = await createWorld(db);
		const users = await Promise.all([1, 2, 3, 4].map((n) => world.addUser(`Typist ${n}`, 'editor')));
		const cadences = await Promise.all(Array.from({ length: 6 }, () => world.addCadence()));
		let loads = 0;
		const server = await startCollab(db.urls.web, {
			load: async (key) => {
				await sleep(150);
				if (++loads % 3 === 1) throw new Error('the disk is tired');
				return withOrg(db.web, key.orgId, async (tx) => {
					const stored = await loadDocument(tx, key);
					return { ...stored, owners: await loadOwners(tx, key, stored.generation) };
				});
			}
		});
		const typed: { cadenceId: string; id: string }[] = [];
		const pages = cadences.flatMap((cadenceId) =>
			users.map((user) => {
				const page = openPage({ port: server.port, cadenceId }, user);
				// Typed before anything of the draft has arrived.
				const { id } = addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } });
				typed.push({ cadenceId, id });
				return page;
			})
		);
		await Promise.all(pages.map((page) => page.saved()));
		for (const page of pages) expect(projectDraft(page.doc).dropped).toEqual([]);
		for (const cadenceId of cadences) {
			const { draft } = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
			const own = typed.filter((entry) => entry.cadenceId === cadenceId).map(({ id }) => id);
			expect(Object.keys(draft.nodes).sort()).toEqual([...own, 'start'].sort());
		}
		expect(server.errors.length).toBeGreaterThan(0);
		pages.forEach((page) => page.destroy());
		await server.close();
	});

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
