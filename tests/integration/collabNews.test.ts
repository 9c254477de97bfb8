import * as Y from 'yjs';
import type { CadenceNews } from '../../src/lib/collab/cadenceNews.ts';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { removeNodes } from '../../src/lib/collab/edits/removeNode.ts';
import { nodesOf } from '../../src/lib/collab/layout.ts';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { findEraser } from '../../src/lib/server/collab/findEraser.ts';
import { notifyCadence } from '../../src/lib/server/collab/notify.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { openPage, startCollab, until } from '../support/collabServer.ts';
import { createWorld, profiles } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';

async function setUp(db: TestDatabase) {
	useConfig(db.urls);
	const world = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const bob = await world.addUser('Bob', 'viewer');
	const cadenceId = await world.addCadence();
	const actor: Actor = {
		...{ orgId: world.orgId, userId: ann.userId, name: 'Ann', email: 'ann@test.localhost' },
		...{ timeZone: 'UTC', profileId: ann.profileId, permissions: profiles.editor }
	};
	return { world, ann, bob, cadenceId, actor };
}

describe('what others do', () => {
	test('COL-1, COL-6: everybody on the canvas hears of it at its commit, in every process; nobody on another one does', async ({
		db
	}) => {
		const { world, ann, bob, cadenceId, actor } = await setUp(db);
		const elsewhere = await world.addCadence();
		const [one, two] = [await startCollab(db.urls.web), await startCollab(db.urls.web)];
		const heard: Record<string, CadenceNews[]> = { ann: [], bob: [], other: [] };
		const listen = (name: string, port: number, id: string, canEdit: boolean) =>
			openPage({ port, cadenceId: id }, canEdit ? ann : bob, canEdit, new Y.Doc(), (news) =>
				heard[name]?.push(news)
			);
		const pages = [
			listen('ann', one.port, cadenceId, true),
			listen('bob', two.port, cadenceId, false),
			listen('other', one.port, elsewhere, true)
		];
		await Promise.all(pages.map((page) => page.saved()));
		await withOrg(db.web, world.orgId, async (tx) => {
			await notifyCadence(tx, actor, cadenceId, { what: 'published', version: 4 });
			await new Promise((done) => setTimeout(done, 50));
			expect(heard).toEqual({ ann: [], bob: [], other: [] });
		});
		await until(() => heard['ann']?.length === 1 && heard['bob']?.length === 1);
		const news = { what: 'published', version: 4, by: { id: ann.userId, name: 'Ann' } };
		expect(heard).toEqual({ ann: [news], bob: [news], other: [] });
		expect(pages.map(({ state }) => state.status)).toEqual(['saved', 'viewOnly', 'saved']);
		pages.forEach((page) => page.destroy());
		await Promise.all([one.close(), two.close()]);
	});

	test('COL-2: the log says who deleted a step, not who made or moved it', async ({ db }) => {
		const { world, ann, cadenceId, actor } = await setUp(db);
		const eve = await world.addUser('Eve', 'editor');
		const server = await startCollab(db.urls.web);
		const target = { port: server.port, cadenceId };
		const [page, other] = [openPage(target, ann), openPage(target, eve)];
		await Promise.all([page.saved(), other.saved()]);
		const { id } = addAction(page.doc, { node: { kind: 'task', position: [0, 0] } });
		await page.saved();
		await until(() => nodesOf(other.doc).has(id));
		const item = nodesOf(page.doc)._map.get(id)!;
		const ask = () => withOrg(db.web, world.orgId, (tx) => findEraser(tx, actor, cadenceId, item.id));
		expect(await ask()).toBeNull();
		removeNodes(other.doc, [id]);
		await other.saved();
		expect(await ask()).toEqual({ id: eve.userId, name: 'Eve' });
		page.destroy();
		other.destroy();
		await server.close();
	});
});
