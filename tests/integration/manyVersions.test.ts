import { loadPlans } from '../../src/lib/server/channels/loadPlans.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { expect, test } from '../support/db.ts';
import { makeCadence, makeWorld, planOf, task } from '../support/engineWorld.ts';

test('OPS-2: more live versions than a process keeps in memory: each is found, and the sweep does its work', async ({
	db
}) => {
	const world = await makeWorld(db);
	const plan = planOf([task('a')]);
	const versions: { orgId: string; versionId: string }[] = [];
	for (let n = 0; n < 210; n++) {
		const { versionId } = await makeCadence(db, world, plan);
		versions.push({ orgId: world.orgId, versionId });
	}
	for (const order of [versions, versions.toReversed(), versions])
		expect((await loadPlans(db.worker, order)).size).toBe(versions.length);
	await expect(sweepEngine(db.worker)).resolves.toBeUndefined();
});
