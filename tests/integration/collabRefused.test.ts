import * as Y from 'yjs';
import { closeCodes } from '../../src/lib/collab/closeCodes.ts';
import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { setText } from '../../src/lib/collab/edits/setText.ts';
import { nodesOf } from '../../src/lib/collab/layout.ts';
import { keepOfflineCopy, restoreOfflineCopies } from '../../src/lib/collab/offlineCopy.ts';
import { findOlderCopies } from '../../src/lib/collab/olderCopies.ts';
import { openPage, startCollab, until } from '../support/collabServer.ts';
import { createWorld } from '../support/collabWorld.ts';
import { useConfig } from '../support/config.ts';
import { openCopies } from '../support/copyStore.ts';
import { expect, test } from '../support/db.ts';

test('COL-2, Y9: an edit that was refused does not close every page opened after it; what was typed is offered', async ({
	db
}) => {
	useConfig(db.urls);
	const world = await createWorld(db);
	const ann = await world.addUser('Ann', 'editor');
	const cadenceId = await world.addCadence();
	const server = await startCollab(db.urls.web, { limits: { documentBytes: 4_000 } });
	const { copies, store } = openCopies();
	const scope = { userId: ann.userId, cadenceId, generation: 1 };
	const open = async () => {
		const doc = new Y.Doc();
		const restored = await restoreOfflineCopies(doc, store, scope);
		const page = openPage({ port: server.port, cadenceId }, ann, true, doc);
		return { page, doc, stop: keepOfflineCopy(page, store, scope, restored) };
	};
	const first = await open();
	await first.page.saved();
	const { id } = addAction(first.doc, { node: { kind: 'task', position: [0, 0], subject: 'Long' } });
	setText(first.doc, id, 'notes', 'x'.repeat(4_500));
	await until(() => first.page.state.status === 'closed');
	expect(first.page.state).toMatchObject({ code: closeCodes.tooLarge });
	// Nor what is typed before the page is left.
	setText(first.doc, id, 'description', 'and more');
	first.stop();
	first.page.destroy();
	await until(() => copies.size === 1);

	const second = await open();
	await second.page.saved();
	expect(String(nodesOf(second.doc).get(id)?.get('notes') ?? '')).toBe('');
	const [copy, ...more] = await findOlderCopies(store, scope);
	expect(more).toEqual([]);
	expect(copy).toMatchObject({ refused: true, settings: [] });
	expect(copy?.clip?.nodes).toMatchObject([
		{ id, subject: 'Long', notes: 'x'.repeat(4_500), description: 'and more' }
	]);
	second.stop();
	second.page.destroy();
	await server.close();
	expect(server.errors).toEqual([]);
});
