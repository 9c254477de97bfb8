import { strictEqual } from 'node:assert';
import { sql } from 'drizzle-orm';
import { scanCadence } from '../../../src/lib/server/engine/scanCadence.ts';
import type { TestDatabase } from '../../support/clone.ts';
import type { World } from '../../support/engineWorld.ts';
import { makeBenchCadence, seedRuns, taskChain } from './world.ts';

/**
 * The scan of a view that all `n` leads are in, with its checks, against the bare statement that writes the same rows
 * (run, log, count) before and after it. @returns time of ours / time of the statement
 */
export async function enrollRatio(db: TestDatabase, world: World, n: number): Promise<number> {
	const bare = async () => {
		const cadence = await makeBenchCadence(db, world, taskChain(2));
		return timed(() => seedRuns(db, world, cadence, { n, analyze: false }));
	};
	const ours = async () => {
		const { cadenceId } = await makeBenchCadence(db, world, taskChain(2));
		const ms = await timed(() => scanCadence(db.worker, { orgId: world.orgId, cadenceId }));
		const [row] = await db.admin.execute<{ runs: number; events: number; deltas: number }>(sql`
			select count(*)::int as runs,
				(select count(*)::int from events where cadence_id = ${cadenceId} and kind = 'enrolled') as events,
				(select sum(count)::int from report_deltas where cadence_id = ${cadenceId} and kind = 'enrolled') as deltas
			from enrollments where cadence_id = ${cadenceId} and status = 'active'`);
		strictEqual(JSON.stringify(row), JSON.stringify({ runs: n, events: n, deltas: n }));
		return ms;
	};
	await db.admin.execute(sql`vacuum analyze enrollments`);
	const before = await bare();
	const scan = await ours();
	const after = await bare();
	return scan / ((before + after) / 2);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const startedAt = performance.now();
	await work();
	return performance.now() - startedAt;
}
