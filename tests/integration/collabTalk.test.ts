import { sql } from 'drizzle-orm';
import { commentsOf, readThreads } from '../../src/lib/collab/comments.ts';
import { addComment } from '../../src/lib/collab/edits/addComment.ts';
import { resolveThread } from '../../src/lib/collab/edits/changeComment.ts';
import { notesOf, readNotes, stickyToMap } from '../../src/lib/collab/stickyNotes.ts';
import { emptyDraft } from '../../src/lib/domain/cadence/draft.ts';
import { replaceDocument } from '../../src/lib/server/collab/replaceDocument.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { openPage, startCollab, until } from '../support/collabServer.ts';
import { createWorld } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';

async function setUp(db: TestDatabase) {
	useConfig(db.urls);
	const world = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const bob = await world.addUser('Bob', 'editor');
	const vic = await world.addUser('Vic', 'viewer');
	const out = await world.addUser('Out', 'outsider');
	const cadenceId = await world.addCadence();
	const server = await startCollab(db.urls.web);
	const notices = () =>
		db.admin.execute<{ user_id: string; title: string; body: string; link: string }>(sql`
			select user_id, title, body, link from notifications where org_id = ${world.orgId} order by created_at, id`);
	return { world, ann, bob, vic, out, cadenceId, server, target: { port: server.port, cadenceId }, notices };
}
const about = { node: 'mail', about: 'First mail' };

describe('comments on a draft', () => {
	test('COL-3: who is named and who is answered hears of it once; nobody else does', async ({ db }) => {
		const { ann, bob, vic, out, cadenceId, server, target, notices } = await setUp(db);
		const page = openPage(target, ann);
		const other = openPage(target, bob);
		await Promise.all([page.saved(), other.saved()]);
		const id = addComment(page.doc, {
			by: ann.userId,
			at: 1,
			text: '@Bob @Vic @Out @Ann look',
			mentions: [bob.userId, vic.userId, out.userId, ann.userId],
			on: about
		});
		await page.saved();
		await until(() => commentsOf(other.doc).has(id));
		const reply = { by: bob.userId, at: 2, text: 'Seen', mentions: [], on: { thread: id } };
		const answer = addComment(other.doc, reply);
		resolveThread(other.doc, id, { by: bob.userId, at: 3 });
		await other.saved();
		const told = [...(await notices())];
		expect(told.map(({ user_id }) => user_id).sort()).toEqual([bob.userId, vic.userId, ann.userId].sort());
		expect(told.find(({ user_id }) => user_id === vic.userId)).toMatchObject({
			title: `Ann mentioned you in ${cadenceId}`,
			body: '@Bob @Vic @Out @Ann look',
			link: `/cadences/${cadenceId}/edit?comment=${id}`
		});
		expect(told.find(({ user_id }) => user_id === ann.userId)).toMatchObject({
			title: `Bob answered you in ${cadenceId}`,
			link: `/cadences/${cadenceId}/edit?comment=${answer}`
		});
		page.destroy();
		other.destroy();
		await server.close();
	});

	test('COL-3: view-only people read comments and write none', async ({ db }) => {
		const { ann, vic, server, target, notices } = await setUp(db);
		const page = openPage(target, ann);
		const watching = openPage(target, vic, false);
		await page.saved();
		const id = addComment(page.doc, { by: ann.userId, at: 1, text: 'Hello', mentions: [], on: about });
		await page.saved();
		await until(() => commentsOf(watching.doc).has(id));
		const claimsToEdit = openPage(target, vic, true);
		addComment(claimsToEdit.doc, {
			by: vic.userId,
			at: 2,
			text: 'Me too',
			mentions: [ann.userId],
			on: about
		});
		// What comes after it on the same socket has been answered: the comment was read and dropped before.
		addComment(page.doc, { by: ann.userId, at: 3, text: 'Later', mentions: [], on: about });
		await page.saved();
		await until(() => commentsOf(claimsToEdit.doc).size === 3);
		expect(commentsOf(page.doc).size).toBe(2);
		expect(await notices()).toHaveLength(0);
		for (const one of [page, watching, claimsToEdit]) one.destroy();
		await server.close();
	});

	test('COL-3: restoring a version keeps what was said and noted', async ({ db }) => {
		const { world, ann, cadenceId, server, target } = await setUp(db);
		const page = openPage(target, ann);
		await page.saved();
		addComment(page.doc, { by: ann.userId, at: 1, text: 'Why?', mentions: [], on: about });
		notesOf(page.doc).set(
			'n1',
			stickyToMap({ position: [5, 6], size: [200, 140], color: 'blue', text: 'Legal agreed' })
		);
		await page.saved();
		await withOrg(db.web, world.orgId, (tx) =>
			replaceDocument(tx, world.orgId, cadenceId, emptyDraft(), ann.userId)
		);
		const after = openPage({ ...target, generation: 2 }, ann);
		await after.saved();
		expect(readThreads(after.doc)).toEqual(readThreads(page.doc));
		expect(readThreads(after.doc)).toMatchObject([{ text: 'Why?', by: ann.userId }]);
		expect(readNotes(after.doc)).toMatchObject([{ id: 'n1', text: 'Legal agreed', color: 'blue' }]);
		page.destroy();
		after.destroy();
		await server.close();
	});
});
