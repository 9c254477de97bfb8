import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../../src/lib/collab/connection.ts';
import { sql } from 'drizzle-orm';
import { addAction } from '../../../src/lib/collab/edits/addAction.ts';
import { projectDraft } from '../../../src/lib/collab/document.ts';
import { canonicalJson } from '../../../src/lib/domain/plan/canonicalJson.ts';
import { readDraft } from '../../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { startBalancer } from '../../support/balancer.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { startCollabProcess } from '../../support/collabProcess.ts';
import { openPage, until } from '../../support/collabServer.ts';
import { createWorld } from '../../support/collabWorld.ts';
import { useConfig } from '../../support/config.ts';
import { liftedRates } from '../../support/liftedRates.ts';

export type FailOver = { clients: number; kills: number; program?: string | undefined };

/**
 * Two processes serve one draft behind a balancer, and people write on both. One process is killed, then the other, in
 * turn: how long until everybody's edits are acknowledged again, and what became of those that were.
 */
export async function killOneOfTwo(db: TestDatabase, { clients, kills, program }: FailOver) {
	useConfig(db.urls);
	const world = await createWorld(db);
	const cadenceId = await world.addCadence();
	const start = () => startCollabProcess(db, { limits: liftedRates, ...(program && { program }) });
	const servers = [await start(), await start()];
	const balancer = await startBalancer(servers.map(({ port }) => port));
	const pages: Connection[] = [];
	for (let n = 0; n < clients; n++)
		pages.push(openPage({ port: balancer.port, cadenceId }, await world.addUser(`Writer ${n}`, 'editor')));
	const acknowledged = new Set<string>();
	const counts = pages.map(() => 0);
	let isRunning = true;
	const writing = pages.map(async (page, index) => {
		while (isRunning) {
			const { id } = addAction(page.doc, { node: { kind: 'exit', position: [counts[index]!, index] } });
			const isStored = await page.saved().then(
				() => true,
				() => false
			);
			if (!isStored) return;
			acknowledged.add(id);
			counts[index]!++;
			await sleep(30);
		}
	});
	const takeoverMs: number[] = [];
	let spread = clients;
	try {
		await until(() => counts.every((n) => n >= 3), 30_000);
		for (let kill = 0; kill < kills; kill++) {
			// People are on both.
			let fewest = 0;
			await until(async () => {
				const open = await Promise.all(servers.map(async (server) => (await server.health()).open));
				fewest = Math.min(...open);
				return fewest > 0;
			}, 30_000);
			spread = Math.min(spread, fewest);
			const which = kill % 2;
			await servers[which]!.kill();
			const from = performance.now();
			const before = [...counts];
			await until(() => counts.every((n, index) => n >= before[index]! + 2), 60_000);
			takeoverMs.push(performance.now() - from);
			servers[which] = await start();
			balancer.ports[which] = servers[which].port;
			// Half of them come again, so that the new process has its share.
			balancer.cutHalf();
			await until(() => counts.every((n, index) => n >= before[index]! + 4), 60_000);
		}
	} finally {
		isRunning = false;
		await Promise.all(writing);
	}
	const refused = await db.admin.execute<{ reason: string }>(sql`
		select after->>'reason' as reason from audit_entries where action = 'document.reject' and org_id = ${world.orgId}`);
	const { draft } = await withOrg(db.web, world.orgId, (tx) => readDraft(tx, world.orgId, cadenceId));
	const everything = Object.keys(draft.nodes).length;
	await until(() => pages.every((page) => page.doc.getMap('nodes').size === everything), 30_000);
	const views = new Set(pages.map((page) => canonicalJson(projectDraft(page.doc).draft)));
	for (const page of pages) page.destroy();
	await balancer.close();
	for (const server of servers) await server.kill();
	return {
		clients,
		kills: takeoverMs.length,
		fewestOnOneProcess: spread,
		acknowledged: acknowledged.size,
		refused: refused.map(({ reason }) => reason),
		differentViews: views.size - 1,
		lost: [...acknowledged].filter((id) => !(id in draft.nodes)).length,
		slowestTakeoverMs: Math.round(Math.max(...takeoverMs))
	};
}
