import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import * as Y from 'yjs';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import {
	answerMissing,
	askForMissing,
	awarenessMessage,
	updateMessage
} from '../../../src/lib/server/collab/messages.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { updateOf } from '../../support/collabAttack.ts';
import { openDraftPlace } from '../../support/collabPlace.ts';
import { openPage, until } from '../../support/collabServer.ts';

/** A view-only socket says all it can: edits, answers nobody asked for, somebody else's cursor. It still receives. */
export async function pushAsViewer(db: TestDatabase, frames: number) {
	const { ann, users, cadenceId, server, target, raw } = await openDraftPlace(db, ['viewer']);
	const page = openPage(target, ann);
	await page.saved();
	page.setPresence({ cursor: [1, 1] });
	const viewer = raw(users[0]!);
	await viewer.opened;
	viewer.ws.send(askForMissing(new Uint8Array([0])));
	const evil = updateOf((doc) => doc.getMap('settings').set('trackOpens', false));
	const spoof = awarenessMessage([{ clientId: page.doc.clientID, clock: 99, json: '{"cursor":[666,666]}' }]);
	const stored = async () => {
		const rows = await db.admin.execute<{ bytes: Buffer }>(
			sql`select bytes from document_updates where cadence_id = ${cadenceId} order by seq`
		);
		return {
			n: rows.length,
			hash: createHash('sha256')
				.update(Buffer.concat(rows.map((r) => r.bytes)))
				.digest('hex')
		};
	};
	const before = await stored();
	const state = Y.encodeStateAsUpdate(page.doc);
	const said = [updateMessage(evil), answerMissing(evil), spoof];
	for (let n = 0; n < frames; n++) {
		viewer.ws.send(said[n % said.length]!);
		if (n % 1_000 === 999) await until(() => viewer.ws.bufferedAmount === 0, 30_000);
	}
	// The answer to a last question says that all before it was read.
	const answered = viewer.received.length;
	viewer.ws.send(askForMissing(new Uint8Array([0])));
	await until(() => viewer.received.length > answered, 30_000);
	const after = await stored();
	const changedBytes =
		before.hash === after.hash && Buffer.from(state).equals(Buffer.from(Y.encodeStateAsUpdate(page.doc)))
			? 0
			: Y.encodeStateAsUpdate(page.doc).byteLength;
	const seen = viewer.received.length;
	addAction(page.doc, { node: { kind: 'exit', position: [0, 0], reason: 'needle' } });
	await page.saved();
	await until(() => viewer.received.slice(seen).some((data) => data.includes('needle')));
	const spoofed =
		viewer.received.some((data) => data.includes('666')) ||
		page.awareness.getLocalState()?.['cursor'][0] !== 1;
	const logGrew = (await stored()).n - before.n - 1;
	viewer.ws.terminate();
	page.destroy();
	await server.close();
	return { frames, changedBytes, logGrew, spoofed: Number(spoofed), errors: server.errors.length };
}
