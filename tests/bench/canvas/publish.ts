import { sql } from 'drizzle-orm';
import type { Draft } from '../../../src/lib/domain/cadence/draft.ts';
import { compilePlan } from '../../../src/lib/domain/plan/compilePlan.ts';
import { diffDrafts } from '../../../src/lib/domain/plan/diffDrafts.ts';
import type { PublishContext } from '../../../src/lib/domain/plan/publishContext.ts';
import { getPublishContext } from '../../../src/lib/server/cadences/getPublishContext.ts';
import { hashPlan } from '../../../src/lib/server/cadences/hashPlan.ts';
import { publishCadence } from '../../../src/lib/server/cadences/publishCadence.ts';
import { replaceDocument } from '../../../src/lib/server/collab/replaceDocument.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { newId } from '../../../src/lib/server/db/id.ts';
import { cadenceVersions } from '../../../src/lib/server/db/schema/cadences.ts';
import { makeCadence } from '../../support/cadences.ts';
import { cloneDatabase, type TestDatabase } from '../../support/clone.ts';
import { startTestCluster } from '../../support/cluster.ts';
import { useConfig } from '../../support/config.ts';
import { makeWorld, type World } from '../../support/engineWorld.ts';
import { median } from '../support/median.ts';

/** The first ones are compiled by the machine while they run. */
const WARM_UP = 10;

/**
 * Beside JSON parse and stringify of the draft, one after the other: compiling, hashing and storing it durably as a
 * version; and a whole publish, which also reads it from the log, compares it with the live version and audits.
 */
export async function measurePublish(draft: Draft, times: number) {
	const cluster = await startTestCluster({ durable: true });
	const { drop, ...db } = await cloneDatabase(cluster.adminUrl, cluster.port);
	try {
		useConfig(db.urls);
		const world = await makeWorld(db);
		const { actor, orgId } = world;
		await db.admin.execute(sql`update organizations set actions_per_cadence = 1000 where id = ${orgId}`);
		const [cadenceId, apart] = await withOrg(
			db.web,
			orgId,
			async (tx) =>
				[await makeCadence(tx, actor, 'Large'), await makeCadence(tx, actor, 'Stored apart')] as const
		);
		const context = await withOrg(db.web, orgId, (tx) => getPublishContext(tx, actor, cadenceId));
		const found: { publish: number; whole: number }[] = [];
		let live: number | null = null;
		for (let n = 0; n < times + WARM_UP; n++) {
			const next = { ...draft, settings: { ...draft.settings, endAfterDays: n + 1 } };
			const text = JSON.stringify(next);
			const json = await timed(() => JSON.stringify(JSON.parse(text)));
			const version = { cadenceId: apart, n: n + 1, draft: next };
			const stored = await timed(() => compileAndStore(db, world, context, version));
			await withOrg(db.web, orgId, (tx) => replaceDocument(tx, orgId, cadenceId, next, actor.userId));
			const whole = await timed(async () => {
				const done: { n: number } = await withOrg(db.web, orgId, (tx) =>
					publishCadence(tx, actor, { cadenceId, expectedVersion: live })
				);
				live = done.n;
			});
			if (n >= WARM_UP) found.push({ publish: stored / json, whole: whole / json });
		}
		return {
			publishRatio: median(found.map(({ publish }) => publish)),
			wholePublishRatio: median(found.map(({ whole }) => whole))
		};
	} finally {
		await drop();
		await cluster.stop();
	}
}

async function timed(work: () => unknown): Promise<number> {
	const from = performance.now();
	await work();
	return performance.now() - from;
}

async function compileAndStore(
	db: TestDatabase,
	{ actor, orgId }: World,
	context: PublishContext,
	{ cadenceId, n, draft }: { cadenceId: string; n: number; draft: Draft }
): Promise<void> {
	const compiled = compilePlan(draft, context);
	if (!('plan' in compiled)) throw new Error(compiled.violations[0]?.message);
	const { plan } = compiled;
	const row = { orgId, id: newId(), cadenceId, n, plan, planSha256: hashPlan(plan), graph: draft };
	const changes = { ...diffDrafts(null, draft), authors: [actor.userId] };
	const more = { docGeneration: 1, docSeq: 1, note: '', changes, publishedBy: actor.userId };
	await withOrg(db.web, orgId, (tx) => tx.insert(cadenceVersions).values({ ...row, ...more }));
}
