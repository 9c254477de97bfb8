import { cloneDatabase, type TestDatabase } from '../support/clone.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { useConfig } from '../support/config.ts';
import { startOtherSide } from './baselines/otherSide.ts';
import { explain } from './engine/explain.ts';
import { measureLateness } from './engine/lateness.ts';
import { watchMemory } from './engine/memory.ts';
import {
	changedViewsRatio,
	makeViews,
	measureStarvation,
	seedMillion,
	seedWaiting
} from './engine/million.ts';
import { taskStepsPerSecond } from './engine/rates.ts';
import { measureRound } from './engine/round.ts';
import { chooseStages, medians, type Figures, type Stages } from './engine/stages.ts';
import { clusterSettings, makeBenchWorld, seedLeads } from './engine/world.ts';
import type { Bench } from './run.ts';

const full = {
	...{ rawJobs: 30_000, naive: 1_000, leads: 12_000, actions: 3, responses: 12_000, mails: 6_000 },
	...{ enroll: 100_000, waiting: 1_000_000, growth: 10_000, changed: 1_000, views: 50, late: 300, starve: 10 }
};
type Sizes = typeof full;
const quick: Sizes = {
	...{ rawJobs: 5_000, naive: 200, leads: 3_000, actions: 2, responses: 2_000, mails: 500 },
	...{ enroll: 10_000, waiting: 30_000, growth: 3_000, changed: 200, views: 10, late: 60, starve: 2 }
};

/**
 * The engine beside what it is measured by, all in one run and interleaved; every figure is the median of the rounds, every
 * ratio the median of the rounds' ratios. Outcomes are counted in every round. `--rounds=N` (3), `--quick` for small
 * sizes, which say nothing about speed, `--only=tasks,mails` for some stages. What the figures mean: engine/README.md.
 */
const bench: Bench = async (context) => {
	const sizes = context.args.includes('--quick') ? quick : full;
	const rounds = Number(context.args.find((arg) => arg.startsWith('--rounds='))?.slice(9)) || 3;
	const memory = watchMemory();
	const stages = chooseStages(context, memory);
	const cluster = await startTestCluster({ durable: true, settings: clusterSettings });
	const other = startOtherSide();
	try {
		const parts: Figures[] = [];
		for (let n = 1; stages.anyOfRound && n <= rounds; n++) {
			context.log(`Round ${n} of ${rounds}`);
			parts.push(await inClone(cluster, (db) => measureRound(db, sizes, other, stages)));
		}
		const late = stages.wants('idle')
			? await inClone(cluster, (db) => measureIdle(db, sizes, rounds, stages))
			: [];
		const large = stages.anyOfLarge ? await measureLarge(cluster, sizes, rounds, stages) : {};
		const figures = { ...medians(parts), ...medians(late), ...large, workerPeakMb: memory.peakMb() };
		explain(context.say, figures);
		return { ...figures, rounds };
	} finally {
		memory.stop();
		await other.stop();
		await cluster.stop();
	}
};
export default bench;

async function inClone<T>(cluster: TestCluster, work: (db: TestDatabase) => Promise<T>): Promise<T> {
	const { drop, ...db } = await cloneDatabase(cluster.adminUrl, cluster.port);
	useConfig(db.urls, { ALLOW_LOSSY_DATABASE: 'false', LOG_LEVEL: 'warn' });
	try {
		return await work(db);
	} finally {
		await drop();
	}
}

async function measureIdle(
	db: TestDatabase,
	sizes: Sizes,
	rounds: number,
	{ say }: Stages
): Promise<Figures[]> {
	const world = await makeBenchWorld(db);
	await seedLeads(db, world, sizes.late);
	const found: Figures[] = [];
	for (let n = 1; n <= rounds; n++) {
		const late = { lateP95Ms: 0, graphileLateP95Ms: 0 };
		const latenessRatio = await say('lateness / theirs', async () => {
			const { oursP95Ms, theirsP95Ms } = await measureLateness(db, world, sizes.late);
			Object.assign(late, { lateP95Ms: oursP95Ms, graphileLateP95Ms: theirsP95Ms });
			return oursP95Ms / theirsP95Ms;
		});
		found.push({ latenessRatio, ...late });
	}
	return found;
}

/** A million waiting beside ten thousand waiting: cost of a step, changed views, and who is late when all fall due. */
async function measureLarge(
	cluster: TestCluster,
	sizes: Sizes,
	rounds: number,
	{ wants, say }: Stages
): Promise<Figures> {
	return inClone(cluster, (small) =>
		inClone(cluster, async (large) => {
			const few = await seedMillion(small, Math.max(sizes.growth, 10_000));
			await seedWaiting(small, few, 10_000);
			const many = await seedMillion(large, sizes.waiting);
			await seedWaiting(large, many, sizes.waiting);
			const steps = (db: TestDatabase, world: typeof few) =>
				taskStepsPerSecond(db, world, { n: sizes.growth, actions: 1 });
			const found: Figures[] = [];
			// Also before changed views: cadences that everybody is in already are part of what those meet.
			for (let n = 0; wants('growth', 'changed') && n < rounds; n++) {
				const costGrowth1M = await say(`cost with ${sizes.waiting} waiting`, async () => {
					const rates = [await steps(small, few), await steps(large, many)];
					rates.push(await steps(large, many), await steps(small, few));
					return (rates[0]! + rates[3]!) / (rates[1]! + rates[2]!);
				});
				found.push({ costGrowth1M });
			}
			const figures = medians(found);
			if (wants('changed')) {
				// Once: the other side reads the million fifty times.
				const views = await makeViews(large, many, sizes.views);
				const changed = await say('changed views', () =>
					changedViewsRatio(large, many, views, sizes.changed)
				);
				figures['changedViewsRatio'] = Number(changed.toPrecision(3));
			}
			if (wants('starve')) {
				const late = await say('small cadence, ms late', () => measureStarvation(large, many, sizes.starve));
				figures['smallCadenceLateP95Ms'] = Math.round(late);
			}
			return figures;
		})
	);
}
