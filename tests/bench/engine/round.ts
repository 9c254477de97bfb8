import { strictEqual } from 'node:assert';
import { sql } from 'drizzle-orm';
import type { TestDatabase } from '../../support/clone.ts';
import type { OtherSide } from '../baselines/otherSide.ts';
import { median } from '../support/median.ts';
import { enrollRatio } from './enrolling.ts';
import { measureMails } from './mails.ts';
import { responsesPerSecond, taskStepsPerSecond } from './rates.ts';
import { measured, type Figures, type Stages } from './stages.ts';
import { makeBenchCadence, makeBenchWorld, seedLeads, seedRuns, taskChain } from './world.ts';

type Sizes = {
	rawJobs: number;
	naive: number;
	leads: number;
	actions: number;
	responses: number;
	mails: number;
	enroll: number;
};

/** One round in a fresh database: every rate beside what it is measured by. */
export async function measureRound(
	db: TestDatabase,
	sizes: Sizes,
	other: OtherSide,
	{ wants, say }: Stages
): Promise<Figures> {
	const { leads: n, actions } = sizes;
	const [durable] = await db.admin.execute(sql`
		select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`);
	strictEqual(JSON.stringify(durable), JSON.stringify({ fsync: 'on', commit: 'on' }));
	const world = await makeBenchWorld(db);
	await seedLeads(db, world, n);
	const raws: number[] = [];
	const raw = async () => {
		if (!wants('tasks', 'responses')) return;
		raws.push(await say('raw no-op jobs/s', () => other.rawGraphile(db.urls.worker, sizes.rawJobs)));
	};
	const steps = (label: string, more = {}) =>
		say(`${label}/s`, () => taskStepsPerSecond(db, world, { n, actions, ...more }));
	const tasks: number[] = [];
	const task = async () => {
		if (wants('tasks', 'held', 'naive')) tasks.push(await steps('task steps'));
	};
	// A cadence of five actions: whoever is refused is set aside at the first, once.
	const five = { n: n / 2, actions: 5, mergeFields: true };

	await raw();
	await task();
	const held = wants('held')
		? await steps('task steps under a held snapshot', { heldBy: db.urls.worker })
		: undefined;
	await raw();
	await task();
	const oneJob = async () => {
		const cadence = await makeBenchCadence(db, world, taskChain(actions));
		await seedRuns(db, world, cadence, { n: sizes.naive });
		return other.oneJobPerStep(db.urls.worker, cadence.cadenceId, actions);
	};
	const naive = wants('naive') ? await say('one job per step, steps/s', oneJob) : undefined;
	await raw();
	const clean = wants('poison') ? await steps('task steps with merge fields', five) : NaN;
	const poison = wants('poison') ? await steps('the same, 1 % refused', { ...five, poison: true }) : NaN;
	const responses = wants('responses')
		? await say('responses/s', () => responsesPerSecond(db, world, sizes.responses))
		: undefined;
	await raw();
	const mails = wants('mails') ? await measureMails(db, world, sizes.mails, other, say) : undefined;
	if (wants('enroll')) await seedLeads(db, world, sizes.enroll - n, n);
	const enroll100kRatio = wants('enroll')
		? await say('enrolling / bare statement', () => enrollRatio(db, world, sizes.enroll))
		: undefined;
	const rawJobsPerSecond = raws.length ? median(raws) : NaN;
	const taskStepsRate = tasks.length ? median(tasks) : NaN;
	return measured({
		rawJobsPerSecond,
		oneJobPerStepPerSecond: naive,
		taskStepsPerSecond: taskStepsRate,
		...mails,
		responsesPerSecond: responses,
		ratioToRaw: taskStepsRate / rawJobsPerSecond,
		ratioToOneJobPerStep: naive && taskStepsRate / naive,
		emailRatio: mails && mails.emailStepsPerSecond / mails.bareMailerPerSecond,
		responsesRatio: responses && responses / rawJobsPerSecond,
		heldSnapshotRatio: held && held / taskStepsRate,
		poisonRatio: poison / clean,
		enroll100kRatio
	});
}
