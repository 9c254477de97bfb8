import { sql } from 'drizzle-orm';
import { isDomainError } from '../../../src/lib/domain/errors.ts';
import { withOrg, type OrgTx } from '../../../src/lib/server/db/client.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import { drainRecordChanges } from '../../../src/lib/server/engine/drainRecordChanges.ts';
import { scanCadence } from '../../../src/lib/server/engine/scanCadence.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import { runBackgroundTask } from '../../../src/lib/server/enrollments/runBackgroundTask.ts';
import { startBackgroundTask } from '../../../src/lib/server/enrollments/startBackgroundTask.ts';
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
import { shuffle } from '../support/shuffle.ts';

export type RaceResult = {
	orgId: string;
	/** What the enrollers say they enrolled, both cadences together. */
	claimed: number;
	/** Anything that a person would see as a fault of the server. */
	faults: string[];
};

/**
 * E9: four enrollers per record at once, for two cadences: by hand one by one, in bulk, in bulk in another order and in
 * the background; and by custom view two scans and two readers of record changes. `sets`: how many times everybody starts
 * at the same moment.
 */
export async function raceEnrollers(
	db: TestDatabase,
	{ records, sets = 20, random }: { records: number; sets?: number; random: Random }
): Promise<RaceResult> {
	const world = await makeWorld(db);
	const plan = planOf([task('a')], {}, days(1));
	const viewId = await makeView(db, world, { field: 'company', op: 'is', value: 'Viewed' });
	const manual = await makeCadence(db, world, plan);
	const byView = await makeCadence(
		db,
		world,
		{ ...plan, settings: { ...plan.settings, viewId } },
		{ viewId }
	);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: records }, () => ({}))
	);
	const result: RaceResult = { orgId: world.orgId, claimed: 0, faults: [] };
	const size = Math.ceil(ids.length / sets);
	for (let at = 0; at < ids.length; at += size) {
		const part = ids.slice(at, at + size);
		const enrollers = [
			...byHand(db, world, manual.cadenceId, part, random),
			...(await byAudience(db, world, byView.cadenceId, part))
		];
		const done = await Promise.allSettled(enrollers.map((enroll) => enroll()));
		for (const one of done) {
			if (one.status === 'fulfilled') result.claimed += one.value;
			else if (!isDomainError(one.reason)) result.faults.push(describe(one.reason));
		}
	}
	const [row] = await db.admin.execute<{ n: number }>(sql`
		select coalesce(sum((result ->> 'enrolled')::int), 0)::int + (select count(*) from enrollments
			where org_id = ${world.orgId} and cadence_id = ${byView.cadenceId})::int as n
		from background_tasks where org_id = ${world.orgId}`);
	result.claimed += row!.n;
	return result;
}

function byHand(
	db: TestDatabase,
	{ actor, orgId }: World,
	cadenceId: string,
	ids: readonly string[],
	random: Random
) {
	const inOrg = <T>(work: (tx: OrgTx) => Promise<T>) => withOrg(db.web, orgId, work);
	const enroll = async (some: readonly string[]) => {
		const outcome = await inOrg((tx) => enrollRecords(tx, actor, { cadenceId, records: { ids: [...some] } }));
		return outcome.kind === 'done' ? outcome.result.enrolled : 0;
	};
	const shuffled = shuffle(ids, random);
	return [
		async () => {
			let sum = 0;
			for (const id of shuffled) sum += await enroll([id]);
			return sum;
		},
		() => enroll(ids),
		() => enroll(ids.toReversed()),
		async () => {
			const taskId = await inOrg((tx) =>
				startBackgroundTask(tx, actor, 'enroll', { cadenceId, ids: shuffled.toReversed() }, ids.length)
			);
			await runBackgroundTask(db.worker, { orgId, taskId });
			return 0;
		}
	];
}

/** Their number is counted in the end: a reader of changes does not tell it. */
async function byAudience(db: TestDatabase, { orgId }: World, cadenceId: string, ids: readonly string[]) {
	await db.admin.execute(sql`
		update records set data = data || '{"company": "Viewed"}'
		where org_id = ${orgId} and id = any(${sql.param([...ids])}::uuid[])`);
	const scan = async () => {
		await scanCadence(db.worker, { orgId, cadenceId });
		return 0;
	};
	const drain = async () => {
		while (await drainRecordChanges(db.worker, 40));
		return 0;
	};
	return [scan, scan, drain, drain];
}

function describe(error: unknown): string {
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	return cause instanceof Error ? cause.message : String(cause);
}

export type EnrollmentCount = { enrollments: number; live: number; events: number; counted: number };

/** What the database says about an organization's enrollments. */
export async function countEnrollments(db: TestDatabase, orgId: string): Promise<EnrollmentCount> {
	const [row] = await db.admin.execute<EnrollmentCount>(sql`
		select count(*)::int as enrollments,
			count(distinct (e.cadence_id, e.record_id)) filter (where e.status = 'active')::int as live,
			(select count(distinct v.enrollment_id) from events v where v.org_id = ${orgId} and v.kind = 'enrolled')::int as events,
			(select coalesce(sum(count), 0) from report_deltas where org_id = ${orgId} and kind = 'enrolled')::int as counted
		from enrollments e where e.org_id = ${orgId}`);
	return { ...row! };
}
