import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import { startBackgroundTask } from '../../../src/lib/server/enrollments/startBackgroundTask.ts';
import { enqueue } from '../../../src/lib/server/jobs.ts';
import type { TestDatabase } from '../../support/clone.ts';
import {
	days,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	task,
	type World
} from '../../support/engineWorld.ts';
import type { Workers } from '../E1/workers.ts';

/** Records of one job, and how long it is busy with them. */
const SIZE = 20;
const BUSY_SECONDS = 0.6;
const GIVE_UP_MS = 120_000;

export type Recoveries = { orgId: string; kills: number; notInJob: number; ms: number[] };

type Job = { key: string; isDone: () => Promise<boolean> };

/**
 * E6: workers are killed in the middle of long jobs (enrolling in the background, scanning a view). Measures how long it
 * takes from each death until its job is done by somebody else.
 */
export async function killInJobs(
	db: TestDatabase,
	workers: Workers,
	{ kills, random, log }: { kills: number; random: Random; log: (line: string) => void }
): Promise<Recoveries> {
	const world = await makeWorld(db);
	await slowDown(db);
	const result: Recoveries = { orgId: world.orgId, kills: 0, notInJob: 0, ms: [] };
	const recoveries: Promise<void>[] = [];
	for (let n = 0; result.kills < kills; n++) {
		const job = n % 2 ? await startScan(db, world, n) : await startEnrolling(db, world);
		const pid = await whoRuns(db, job.key);
		await sleep(random.int(0, BUSY_SECONDS * 500));
		const victim = (await workers.ready()).find(({ child }) => child.pid === pid);
		if (!victim || (await job.isDone())) {
			result.notInJob++;
			continue;
		}
		await workers.kill(victim);
		result.kills++;
		const killedAt = Date.now();
		recoveries.push(
			untilDone(job).then(() => {
				result.ms.push(Date.now() - killedAt);
			})
		);
		if (result.kills % 10 === 0) log(`${result.kills} kills, ${result.ms.length} jobs done by others`);
	}
	await Promise.all(recoveries);
	return result;
}

const slowDown = async (db: TestDatabase) => {
	await db.admin.execute(sql`
		create function be_busy() returns trigger language plpgsql as $$
		begin perform pg_sleep(${sql.raw(String(BUSY_SECONDS))}); return null; end $$`);
	await db.admin.execute(sql`
		create trigger busy after insert on enrollments for each statement execute function be_busy()`);
};

const plan = planOf([task('a')], {}, days(1));

async function startEnrolling(db: TestDatabase, world: World): Promise<Job> {
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: SIZE }, () => ({}))
	);
	const taskId = await withOrg(db.web, world.orgId, (tx) =>
		startBackgroundTask(tx, world.actor, 'enroll', { cadenceId, ids }, ids.length)
	);
	return {
		key: `task:${taskId}`,
		isDone: () => exists(db, sql`select 1 from background_tasks where id = ${taskId} and status = 'done'`)
	};
}

async function startScan(db: TestDatabase, world: World, n: number): Promise<Job> {
	const company = `View ${n}`;
	const viewId = await makeView(db, world, { field: 'company', op: 'is', value: company });
	const { cadenceId } = await makeCadence(
		db,
		world,
		{ ...plan, settings: { ...plan.settings, viewId, scan: { amount: 1, unit: 'days' } } },
		{ viewId }
	);
	await makeLeads(
		db,
		world,
		Array.from({ length: SIZE }, () => ({ data: { company } }))
	);
	await enqueue(db.worker, 'scanCadence', { orgId: world.orgId, cadenceId }, { key: `scan:${cadenceId}` });
	return {
		key: `scan:${cadenceId}`,
		isDone: () =>
			exists(
				db,
				sql`select 1 from cadences where id = ${cadenceId} and scanned_at is not null
					and ${SIZE} = (select count(*) from enrollments e where e.cadence_id = ${cadenceId})`
			)
	};
}

const exists = async (db: TestDatabase, query: ReturnType<typeof sql>) =>
	(await db.admin.execute(query)).length > 0;

/** The process that has locked a job; 0 when nobody took it for a while. */
async function whoRuns(db: TestDatabase, key: string): Promise<number> {
	for (const until = Date.now() + GIVE_UP_MS; Date.now() < until; await sleep(10)) {
		const [row] = await db.admin.execute<{ pid: number }>(sql`
			select w.pid from graphile_worker._private_jobs j join app.workers w on w.queue_id = j.locked_by
			where j.key = ${key}`);
		if (row) return row.pid;
	}
	return 0;
}

async function untilDone(job: Job): Promise<void> {
	for (const until = Date.now() + GIVE_UP_MS; Date.now() < until; await sleep(100))
		if (await job.isDone()) return;
}

/** Enrollments that should be there and are not, or are there too often. */
export async function countWrong(db: TestDatabase, orgId: string): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(sql`
		select count(*)::int as n from (
			select c.id, (select count(*) from enrollments e where e.cadence_id = c.id)::int as enrolled,
				(select count(*) from events v where v.cadence_id = c.id and v.kind = 'enrolled')::int as logged
			from cadences c where c.org_id = ${orgId}) x
		where enrolled <> ${SIZE} or logged <> ${SIZE}`);
	return row!.n;
}
