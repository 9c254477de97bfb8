import { strictEqual } from 'node:assert';
import { sql } from 'drizzle-orm';
import { cloneDatabase, type TestDatabase } from '../support/clone.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { useConfig } from '../support/config.ts';
import { startOtherSide, type OtherSide } from './baselines/otherSide.ts';
import { enrollRatio } from './engine/enrolling.ts';
import { explain } from './engine/explain.ts';
import { measureLateness } from './engine/lateness.ts';
import { measureMails } from './engine/mails.ts';
import { watchMemory } from './engine/memory.ts';
import {
	changedViewsRatio,
	makeViews,
	measureStarvation,
	seedMillion,
	seedWaiting
} from './engine/million.ts';
import { responsesPerSecond, taskStepsPerSecond } from './engine/rates.ts';
import {
	clusterSettings,
	makeBenchCadence,
	makeBenchWorld,
	seedLeads,
	seedRuns,
	taskChain
} from './engine/world.ts';
import type { Bench, BenchContext } from './run.ts';
import { median } from './support/median.ts';

const full = {
	...{ rawJobs: 30_000, naive: 1_000, leads: 12_000, actions: 3, responses: 12_000, mails: 2_000 },
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
 * sizes, which say nothing about speed. What the figures mean: engine/README.md.
 */
const bench: Bench = async (context) => {
	const sizes = context.args.includes('--quick') ? quick : full;
	const rounds = Number(context.args.find((arg) => arg.startsWith('--rounds='))?.slice(9)) || 3;
	const cluster = await startTestCluster({ durable: true, settings: clusterSettings });
	const other = startOtherSide();
	const memory = watchMemory();
	try {
		const parts: Figures[] = [];
		for (let n = 1; n <= rounds; n++) {
			context.log(`Round ${n} of ${rounds}`);
			parts.push(await inClone(cluster, (db) => measureRates(db, sizes, other, context)));
		}
		const late = await inClone(cluster, (db) => measureIdle(db, sizes, rounds));
		const large = await measureLarge(cluster, sizes, rounds, context);
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

type Figures = Record<string, number>;

async function inClone<T>(cluster: TestCluster, work: (db: TestDatabase) => Promise<T>): Promise<T> {
	const { drop, ...db } = await cloneDatabase(cluster.adminUrl, cluster.port);
	useConfig(db.urls, { ALLOW_LOSSY_DATABASE: 'false', LOG_LEVEL: 'warn' });
	try {
		return await work(db);
	} finally {
		await drop();
	}
}

function medians(rounds: readonly Figures[]): Figures {
	const of = (key: string) => {
		const value = median(rounds.map((round) => round[key]!));
		return value > 50 ? Math.round(value) : Number(value.toPrecision(3));
	};
	return Object.fromEntries(Object.keys(rounds[0]!).map((key) => [key, of(key)]));
}

async function measureRates(
	db: TestDatabase,
	sizes: Sizes,
	other: OtherSide,
	{ log }: BenchContext
): Promise<Figures> {
	const { leads: n, actions } = sizes;
	const [durable] = await db.admin.execute(sql`
		select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`);
	strictEqual(JSON.stringify(durable), JSON.stringify({ fsync: 'on', commit: 'on' }));
	const world = await makeBenchWorld(db);
	await seedLeads(db, world, n);
	const say = async (label: string, work: () => Promise<number>) => {
		const value = await work();
		log(`  ${label}: ${value > 50 ? Math.round(value) : value.toFixed(3)}`);
		return value;
	};
	const raw = () => say('raw no-op jobs/s', () => other.rawGraphile(db.urls.worker, sizes.rawJobs));
	const steps = (label: string, more = {}) =>
		say(`${label}/s`, () => taskStepsPerSecond(db, world, { n, actions, ...more }));
	// A cadence of five actions: whoever is refused is set aside at the first, once.
	const five = { n: n / 2, actions: 5, mergeFields: true };

	const raws = [await raw()];
	const tasks = [await steps('task steps')];
	const held = await steps('task steps under a held snapshot', { heldBy: db.urls.worker });
	raws.push(await raw());
	tasks.push(await steps('task steps'));
	const naive = await say('one job per step, steps/s', async () => {
		const cadence = await makeBenchCadence(db, world, taskChain(actions));
		await seedRuns(db, world, cadence, { n: sizes.naive });
		return other.oneJobPerStep(db.urls.worker, cadence.cadenceId, actions);
	});
	raws.push(await raw());
	const clean = await steps('task steps with merge fields', five);
	const poison = await steps('the same, 1 % refused', { ...five, poison: true });
	const responses = await say('responses/s', () => responsesPerSecond(db, world, sizes.responses));
	raws.push(await raw());
	const mails = await measureMails(db, world, sizes.mails, other);
	log(
		`  e-mail steps/s: ${Math.round(mails.emailStepsPerSecond)}, bare ${Math.round(mails.bareMailerPerSecond)}`
	);
	await seedLeads(db, world, sizes.enroll - n, n);
	const enroll100kRatio = await say('enrolling / bare statement', () => enrollRatio(db, world, sizes.enroll));
	const rawJobsPerSecond = median(raws);
	const taskStepsRate = median(tasks);
	return {
		rawJobsPerSecond,
		oneJobPerStepPerSecond: naive,
		taskStepsPerSecond: taskStepsRate,
		...mails,
		responsesPerSecond: responses,
		ratioToRaw: taskStepsRate / rawJobsPerSecond,
		ratioToOneJobPerStep: taskStepsRate / naive,
		emailRatio: mails.emailStepsPerSecond / mails.bareMailerPerSecond,
		responsesRatio: responses / rawJobsPerSecond,
		heldSnapshotRatio: held / taskStepsRate,
		poisonRatio: poison / clean,
		enroll100kRatio
	};
}

async function measureIdle(db: TestDatabase, sizes: Sizes, rounds: number): Promise<Figures[]> {
	const world = await makeBenchWorld(db);
	await seedLeads(db, world, sizes.late);
	const found: Figures[] = [];
	for (let n = 1; n <= rounds; n++) {
		const { oursP95Ms, theirsP95Ms } = await measureLateness(db, world, sizes.late);
		found.push({
			latenessRatio: oursP95Ms / theirsP95Ms,
			lateP95Ms: oursP95Ms,
			graphileLateP95Ms: theirsP95Ms
		});
	}
	return found;
}

/** A million waiting beside ten thousand waiting: cost of a step, changed views, and who is late when all fall due. */
async function measureLarge(cluster: TestCluster, sizes: Sizes, rounds: number, { log }: BenchContext) {
	return inClone(cluster, (small) =>
		inClone(cluster, async (large) => {
			const few = await seedMillion(small, Math.max(sizes.growth, 10_000));
			await seedWaiting(small, few, 10_000);
			const many = await seedMillion(large, sizes.waiting);
			await seedWaiting(large, many, sizes.waiting);
			log(`${sizes.waiting} are waiting`);
			const steps = (db: TestDatabase, world: typeof few) =>
				taskStepsPerSecond(db, world, { n: sizes.growth, actions: 1 });
			const found: Figures[] = [];
			for (let n = 0; n < rounds; n++) {
				const rates = [await steps(small, few), await steps(large, many)];
				rates.push(await steps(large, many), await steps(small, few));
				const costGrowth1M = (rates[0]! + rates[3]!) / (rates[1]! + rates[2]!);
				log(`  cost with a million: ${costGrowth1M.toFixed(2)}`);
				found.push({ costGrowth1M });
			}
			// Once: the other side reads the million fifty times.
			const views = await makeViews(large, many, sizes.views);
			const changed = await changedViewsRatio(large, many, views, sizes.changed);
			log(`  changed views: ${changed.toFixed(5)}`);
			const starved = await measureStarvation(large, many, sizes.starve);
			log(`  small cadence late by ${Math.round(starved.p95Ms)} ms while ${starved.done} others were done`);
			return {
				...medians(found),
				changedViewsRatio: Number(changed.toPrecision(3)),
				smallCadenceLateP95Ms: Math.round(starved.p95Ms)
			};
		})
	);
}
