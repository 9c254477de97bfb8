import fc from 'fast-check';
import * as Y from 'yjs';
import type { Connection } from '../../../src/lib/collab/connection.ts';
import { createDoc } from '../../../src/lib/server/collab/gate.ts';
import { loadDocument } from '../../../src/lib/server/collab/loadDocument.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { seededRandom } from '../../../src/lib/server/demo/random.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openPage, startCollab } from '../../support/collabServer.ts';
import { createWorld, type WorldUser } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';
import { makeMove, moveArbitrary, viewOf } from '../../support/draftMoves.ts';
import { liftedRates } from '../../support/liftedRates.ts';

const CLIENTS = 5;
const AT_ONCE = 4;

export type Converging = { runs: number; moves: number; seed: number };

/**
 * Five people edit through two processes, and go offline and come back at any moment with what they did meanwhile. In the
 * end all of them, and who loads the draft from the database, must see the same.
 */
export async function converge(db: TestDatabase, { runs, moves, seed }: Converging) {
	useConfig(db.urls);
	const world = await createWorld(db);
	const users: WorldUser[] = [];
	for (let n = 0; n < CLIENTS; n++) users.push(await world.addUser(`Editor ${n}`, 'editor'));
	const servers = [
		await startCollab(db.urls.web, { limits: liftedRates }),
		await startCollab(db.urls.web, { limits: liftedRates, pollMs: 500 })
	];
	let converged = 0;
	let offlineTimes = 0;
	const run = async (index: number) => {
		const random = seededRandom(seed + index);
		const cadenceId = await world.addCadence();
		const open = (who: number, doc = new Y.Doc()) =>
			openPage({ port: servers[who % servers.length]!.port, cadenceId }, users[who]!, true, doc);
		const docs = users.map(() => new Y.Doc());
		const pages: (Connection | null)[] = docs.map((doc, who) => open(who, doc));
		await Promise.all(pages.map((page) => page!.saved()));
		for (const [n, move] of fc.sample(moveArbitrary, { numRuns: moves, seed: seed + index }).entries()) {
			makeMove(docs[move.who]!, move);
			if (random.chance(0.06)) {
				const who = random.int(0, CLIENTS - 1);
				if (pages[who]) offlineTimes++;
				pages[who]?.destroy();
				pages[who] = pages[who] ? null : open(who, docs[who]);
			}
			if (n % 10 === 9) await new Promise((done) => setTimeout(done, random.int(0, 8)));
		}
		const all = pages.map((page, who) => page ?? open(who, docs[who]));
		await Promise.all(all.map((page) => page.saved()));
		const stored = async () => {
			const { updates } = await withOrg(db.web, world.orgId, (tx) =>
				loadDocument(tx, { orgId: world.orgId, cadenceId })
			);
			const doc = createDoc();
			doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)));
			return viewOf(doc);
		};
		const truth = await stored();
		const end = Date.now() + 10_000;
		// What was stored by the other process is on its way.
		while (docs.some((doc) => viewOf(doc) !== truth) && Date.now() < end)
			await new Promise((done) => setTimeout(done, 20));
		if (docs.every((doc) => viewOf(doc) === truth)) converged++;
		for (const page of all) page.destroy();
	};
	let next = 0;
	const lane = async () => {
		while (next < runs) await run(next++);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, lane));
	for (const server of servers) await server.close();
	const errors = servers.reduce((sum, server) => sum + server.errors.length, 0);
	return { runs, converged, moves: runs * moves, offlineTimes, errors };
}
