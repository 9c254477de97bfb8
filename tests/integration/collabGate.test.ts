import { addAction } from '../../src/lib/collab/edits/addAction.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import * as Y from 'yjs';
import { updateMessage } from '../../src/lib/server/collab/messages.ts';
import { pushAsViewer } from '../faults/Y4/pushAsViewer.ts';
import { readNonsense } from '../faults/Y6/readNonsense.ts';
import { sendNonsense } from '../faults/Y6/sendNonsense.ts';
import { hijackClients } from '../faults/Y7/hijackClients.ts';
import { floodWithGaps } from '../faults/Y8/floodWithGaps.ts';
import { neverRead, sayTooMuch } from '../faults/Y9/overfill.ts';
import { knockAtGate } from '../faults/Y10/hostile.ts';
import { lieAboutPresence } from '../faults/Y11/lie.ts';
import { updateOf } from '../support/collabAttack.ts';
import { openDraftPlace } from '../support/collabPlace.ts';
import { openPage } from '../support/collabServer.ts';
import { describe, expect, test } from '../support/db.ts';

describe('the gate', () => {
	test('Y4: a view-only socket changes nothing, and still receives', async ({ db }) => {
		const figures = await pushAsViewer(db, 3_000);
		expect(figures).toEqual({ frames: 3_000, changedBytes: 0, logGrew: 0, spoofed: 0, errors: 0 });
	});

	test('Y6: malformed frames crash nothing and change nothing', async ({ db }) => {
		const random = seededRandom(42);
		const read = await readNonsense(2_000, random);
		expect(read).toMatchObject({ strangeParts: 0, errors: 0 });
		const sent = await sendNonsense(db, 500, random);
		expect(sent).toMatchObject({ frames: 500, strangeParts: 0, faults: 0 });
		expect(sent.rssGrewMb).toBeLessThan(100);
	});

	test('Y7: a hijacked client id, a clock jump and foreign deletions are refused; the victim goes on', async ({
		db
	}) => {
		const figures = await hijackClients(db, 5);
		expect(figures).toEqual({ attacks: 5, closed: 5, impostor: 4400, durable: 100, audited: 6 });
	});

	test('Y7: a client id that is seen before it writes cannot be taken from its user', async ({ db }) => {
		const { ann, users, server, target, raw } = await openDraftPlace(db, ['editor']);
		const page = openPage(target, ann);
		await page.saved();
		const thief = raw(users[0]!);
		await thief.opened;
		const doc = new Y.Doc();
		doc.clientID = page.doc.clientID;
		thief.ws.send(updateMessage(updateOf((copy) => copy.getMap('settings').set('trackOpens', false), doc)));
		expect(await thief.closed).toBe(4403);
		addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } });
		await page.saved();
		expect(page.state.status).toBe('saved');
		page.destroy();
		await server.close();
	});

	test('Y8: 2,000 updates whose first one is missing are refused cheaply', async ({ db }) => {
		const { cpuMs, ...figures } = await floodWithGaps(db);
		expect(figures).toEqual({ refused: 1, stored: 0, faults: 0 });
		expect(cpuMs).toBeLessThanOrEqual(200);
	});

	test('Y9: what is too large is told once, and sockets that never read are cut off', async ({ db }) => {
		const told = await sayTooMuch(db, 500);
		expect(told).toMatchObject({ messageCode: 1009, draftCode: 4413, reconnects: 0, stored: 0 });
		expect(told.text).toContain('too large');
		const lazy = await neverRead(db, 3, { bufferedBytes: 64 * 1024 });
		expect(lazy).toMatchObject({ cutOff: 3, writerGoesOn: 1 });
	});

	test('Y10: hostile documents are refused at the gate', async ({ db }) => {
		expect(await knockAtGate(db)).toEqual({ letIn: [], stored: 0, polluted: false, errors: 0 });
	});

	test('Y11: a name is the session’s, and a socket speaks for one client', async ({ db }) => {
		expect(await lieAboutPresence(db, 1)).toEqual({
			liars: 1,
			wrongNames: 0,
			mostSeen: 1,
			thrownOut: 1,
			errors: 0
		});
	});
});
