import { setTimeout as sleep } from 'node:timers/promises';
import { projectDraft } from '../../../src/lib/collab/document.ts';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { loadDocument, loadOwners } from '../../../src/lib/server/collab/loadDocument.ts';
import { readDraft } from '../../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { openPage, startCollab } from '../../support/collabServer.ts';
import { createWorld, type WorldUser } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';
import { liftedRates } from '../../support/liftedRates.ts';

export type SlowLoads = {
	cadences: number;
	typists: number;
	delayMs: number;
	failing: number;
	random: Random;
};

/** Everybody types into drafts that load slowly and often fail to. Nothing typed is lost, nothing starts empty. */
export async function typeWhileLoading(db: TestDatabase, options: SlowLoads) {
	const { cadences: count, typists, delayMs, failing, random } = options;
	useConfig(db.urls);
	const world = await createWorld(db);
	const users: WorldUser[] = [];
	for (let n = 0; n < typists; n++) users.push(await world.addUser(`Typist ${n}`, 'editor'));
	const cadences: string[] = [];
	for (let n = 0; n < count; n++) cadences.push(await world.addCadence());
	let failed = 0;
	const server = await startCollab(db.urls.web, {
		limits: { ...liftedRates, upgradeMs: 30_000 },
		load: async (key) => {
			await sleep(delayMs);
			if (random.chance(failing)) {
				failed++;
				throw new Error('the disk is tired');
			}
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
			typed.push({ cadenceId, id: addAction(page.doc, { node: { kind: 'exit', position: [0, 0] } }).id });
			return page;
		})
	);
	await Promise.all(pages.map((page) => page.saved()));
	const dropped = pages.flatMap((page) => projectDraft(page.doc).dropped).length;
	let lost = 0;
	let blank = 0;
	for (const cadenceId of cadences) {
		const { draft } = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
		lost += typed.filter((entry) => entry.cadenceId === cadenceId && !(entry.id in draft.nodes)).length;
		if (!('start' in draft.nodes)) blank++;
	}
	pages.forEach((page) => page.destroy());
	await server.close();
	return { opens: pages.length, failedLoads: failed, lost, blank, dropped };
}
