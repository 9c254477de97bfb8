import { sql } from 'drizzle-orm';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { projectDraft } from '../../../src/lib/collab/document.ts';
import { emptyDraft } from '../../../src/lib/domain/cadence/draft.ts';
import { replaceDocument } from '../../../src/lib/server/collab/replaceDocument.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openDraftPlace } from '../../support/collabPlace.ts';
import { openPage, until } from '../../support/collabServer.ts';

/** A draft is restored again and again while one page is open and another one, with edits, is offline. */
export async function restoreUnderPages(db: TestDatabase, times: number) {
	const { world, ann, cadenceId, server, target } = await openDraftPlace(db);
	let refused = 0;
	let kept = 0;
	let strangeNodes = 0;
	for (let generation = 1; generation <= times; generation++) {
		const open = openPage({ ...target, generation }, ann);
		await open.saved();
		const offline = openPage({ ...target, generation }, ann);
		await offline.saved();
		offline.destroy();
		addAction(offline.doc, { node: { kind: 'exit', position: [0, 0] } });
		const settings = { endAfterDays: generation };
		await withOrg(db.web, world.orgId, (tx) =>
			replaceDocument(tx, world.orgId, cadenceId, emptyDraft(settings), ann.userId)
		);
		await until(() => open.state.status === 'closed', 20_000);
		const back = openPage({ ...target, generation }, ann, true, offline.doc);
		addAction(back.doc, { node: { kind: 'exit', position: [1, 1] } });
		await until(() => back.state.status === 'closed', 20_000);
		for (const { state } of [open, back]) if (state.status === 'closed' && state.code === 4409) refused++;
		// What was not stored is still with the person who made it.
		if (back.doc.getMap('nodes').size === 3 && back.state.unsaved > 0) kept++;
		const fresh = openPage({ ...target, generation: generation + 1 }, ann);
		await fresh.saved();
		const { draft } = projectDraft(fresh.doc);
		if (JSON.stringify(draft) !== JSON.stringify(emptyDraft(settings)))
			strangeNodes += Object.keys(draft.nodes).length - 1 || 1;
		for (const page of [open, back, fresh]) page.destroy();
	}
	await server.close();
	const rows = await db.admin.execute<{ n: number }>(sql`select count(*)::int as n from document_updates
		where cadence_id = ${cadenceId} group by generation`);
	return {
		restores: times,
		refused,
		kept,
		strangeNodes,
		strangeLogs: rows.filter(({ n }) => n !== 1).length
	};
}
