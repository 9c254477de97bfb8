import { strictEqual } from 'node:assert';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import type { Db } from '../../../src/lib/server/db/client.ts';
import { advance } from '../../../src/lib/server/engine/advance.ts';
import { applyResponses, newInbox } from '../../../src/lib/server/engine/applyResponses.ts';
import { newLane, type Marks } from '../../../src/lib/server/engine/claimDue.ts';
import { defaultLanes } from '../../../src/lib/server/engine/loop.ts';
import type { TestDatabase } from '../../support/clone.ts';
import type { World } from '../../support/engineWorld.ts';
import {
	allowPoison,
	makeBenchCadence,
	poisonSubject,
	refusePoison,
	seedRuns,
	taskChain,
	waitingTasks
} from './world.ts';

/** The passes of one worker process until nothing is due. @returns runs moved per second */
async function drainPerSecond(db: Db, lanes = defaultLanes): Promise<{ moved: number; perSecond: number }> {
	let moved = 0;
	const marks: Marks = new Map();
	const startedAt = performance.now();
	await Promise.all(
		Array.from({ length: lanes }, async () => {
			const lane = newLane(undefined, undefined, marks);
			for (;;) {
				const { claimed, blocked } = await advance(db, lane);
				moved += claimed;
				if (!claimed && !blocked) return;
			}
		})
	);
	return { moved, perSecond: moved / ((performance.now() - startedAt) / 1000) };
}

type Options = {
	n: number;
	actions: number;
	/** A login that holds a snapshot meanwhile. */
	heldBy?: string;
	/** The first action names a field of the record. */
	mergeFields?: boolean;
	/** The database refuses every hundredth run's first action. */
	poison?: boolean;
};

/** (a): every action a task, with everything else that a step has; what must be there afterwards is counted. */
export async function taskStepsPerSecond(db: TestDatabase, world: World, options: Options): Promise<number> {
	const { n, actions, heldBy, mergeFields = false, poison = false } = options;
	const plan = taskChain(actions, mergeFields ? poisonSubject : undefined);
	const cadence = await makeBenchCadence(db, world, plan);
	await seedRuns(db, world, cadence, { n });
	if (poison) await refusePoison(db);
	const release = heldBy ? await holdSnapshot(heldBy) : null;
	const { moved, perSecond } = await drainPerSecond(db.worker).finally(() => release?.());
	if (poison) await allowPoison(db);
	const bad = poison ? Math.floor(n / 100) : 0;
	strictEqual(moved, bad + (n - bad) * actions);
	const [counted] = await db.admin.execute(sql`
		select count(*) filter (where status = 'completed')::int as completed,
			count(*) filter (where quarantined_at is not null)::int as aside,
			(select count(*)::int from action_runs a join enrollments x on x.org_id = a.org_id and x.id = a.enrollment_id
				where x.cadence_id = ${cadence.cadenceId} and a.status = 'executed') as executed,
			(select count(*)::int from activities t join enrollments x on x.org_id = t.org_id and x.id = t.enrollment_id
				where x.cadence_id = ${cadence.cadenceId}) as activities,
			(select count(*)::int from events where cadence_id = ${cadence.cadenceId} and kind = 'executed') as events,
			(select sum(count)::int from report_deltas where cadence_id = ${cadence.cadenceId} and kind = 'executed') as deltas
		from enrollments where cadence_id = ${cadence.cadenceId}`);
	const steps = (n - bad) * actions;
	strictEqual(
		JSON.stringify(counted),
		JSON.stringify({
			completed: n - bad,
			aside: bad,
			executed: steps,
			activities: steps,
			events: steps,
			deltas: steps
		})
	);
	return perSecond;
}

/** An idle transaction with a number of its own: nothing that dies from now on can be cleared away. */
async function holdSnapshot(url: string): Promise<() => Promise<void>> {
	const client = postgres(url, { max: 1, onnotice: () => undefined });
	const held = await client.reserve();
	await held`begin isolation level repeatable read`;
	await held`select pg_current_xact_id()`;
	return async () => {
		await held`rollback`;
		held.release();
		await client.end();
	};
}

/** (c): one status of a task per run, each recorded, counted, and starting the branch that waits for it. */
export async function responsesPerSecond(db: TestDatabase, world: World, n: number): Promise<number> {
	const cadence = await makeBenchCadence(db, world, waitingTasks);
	await seedRuns(db, world, cadence, { n });
	await drainPerSecond(db.worker);
	await db.admin.execute(sql`
		insert into responses (org_id, enrollment_id, run_no, action_id, kind, parameter, at)
		select org_id, id, run_no, 'step1', 'status', 'Completed', app.now() from enrollments
		where cadence_id = ${cadence.cadenceId} order by id`);
	await db.admin.execute(sql`vacuum analyze responses`);
	let applied = 0;
	const inbox = newInbox();
	const startedAt = performance.now();
	const lane = async () => {
		for (let some = 1; some > 0; applied += some)
			some = await applyResponses(db.worker, undefined, undefined, inbox);
	};
	await Promise.all(Array.from({ length: defaultLanes }, lane));
	const perSecond = n / ((performance.now() - startedAt) / 1000);
	strictEqual(applied, n);
	const [counted] = await db.admin.execute<{ events: number; timed: number }>(sql`
		select (select count(*)::int from events where cadence_id = ${cadence.cadenceId} and kind = 'status') as events,
			count(*) filter (where next_action_id = 'step2' and last_response = 'status/Completed')::int as timed
		from enrollments where cadence_id = ${cadence.cadenceId}`);
	strictEqual(counted!.events, n);
	strictEqual(counted!.timed, n);
	return perSecond;
}
