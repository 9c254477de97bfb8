import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type SQL } from 'drizzle-orm';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import { createDb, type Executor } from '../../src/lib/server/db/client.ts';
import { applyResponses, newInbox } from '../../src/lib/server/engine/applyResponses.ts';
import { startEngine } from '../../src/lib/server/engine/loop.ts';
import type { LaneMark } from '../../src/lib/server/engine/passMarks.ts';
import {
	branch,
	enroll,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task
} from '../support/engineWorld.ts';
import { shiftClock } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

type Started = { orgId: string; cadenceId: string; runs: string[] };

/** So many runs that wait at their first task. */
async function startRuns(
	db: TestDatabase,
	count: number,
	settings: Partial<Plan['settings']> = {}
): Promise<Started> {
	const world = await makeWorld(db);
	const plan = planOf([task('a', [branch('a', { response: 'overdue' }, 'b')]), task('b')], settings);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: count }, () => ({}))
	);
	await enroll(db, world, cadenceId, ids);
	await runEngine(db);
	return { orgId: world.orgId, cadenceId, runs: (await runsOf(db, cadenceId)).map((run) => run.id) };
}

/** A response whose place in the inbox is now and whose commit is the transaction's. */
const respond = (tx: Executor, { orgId }: Started, run: string, n: number) =>
	tx.execute(sql`
		insert into responses (org_id, enrollment_id, run_no, action_id, kind, detail)
		values (${orgId}::uuid, ${run}::uuid, 1, 'a', 'replied', ${JSON.stringify({ n })}::jsonb)`);

/** Which responses were applied, in order: the numbers they were given. */
async function appliedTo(db: TestDatabase, { cadenceId }: Started, run?: string): Promise<number[]> {
	const rows = await db.admin.execute<{ n: number }>(sql`
		select (data ->> 'n')::int as n from events where cadence_id = ${cadenceId} and kind = 'replied'
			and (${run ?? null}::uuid is null or enrollment_id = ${run ?? null}::uuid) order by id`);
	return rows.map((row) => row.n);
}

/** A transaction that is left open until it is told to end. */
async function openTransaction(db: TestDatabase, work: (tx: Executor) => Promise<unknown>) {
	const begun = Promise.withResolvers<void>();
	const end = Promise.withResolvers<void>();
	const ended = db.admin.transaction(async (tx) => {
		await work(tx);
		begun.resolve();
		await end.promise;
	});
	ended.catch(begun.reject);
	await begun.promise;
	return () => (end.resolve(), ended);
}

/** As a process under load: always something ahead of what was passed by. @returns how long it took */
async function busyUntil(
	db: TestDatabase,
	started: Started,
	inbox: ReturnType<typeof newInbox>,
	isDone: () => Promise<boolean>
) {
	const begun = performance.now();
	for (let n = 100; !(await isDone()); n++) {
		if (performance.now() - begun > 10_000) throw new Error('It was never applied.');
		await respond(db.admin, started, started.runs.at(-1)!, n);
		expect(await applyResponses(db.worker, 1000, undefined, inbox)).toBeGreaterThan(0);
	}
	return performance.now() - begun;
}

test('GRA-7: a response that is committed after later ones were taken is applied: at once at rest, within a second under load', async ({
	db
}) => {
	const started = await startRuns(db, 3);
	const [early, next] = started.runs;
	const inbox = newInbox();
	for (const isBusy of [false, true]) {
		const commit = await openTransaction(db, (tx) => respond(tx, started, early!, isBusy ? 2 : 1));
		await respond(db.admin, started, next!, 0);
		expect(await applyResponses(db.worker, 1000, undefined, inbox)).toBe(1);
		expect(inbox.after).toBeGreaterThan(0);
		await commit();
		if (isBusy) {
			// Others come in without end; the mark is forgotten all the same.
			const isDone = async () => (await appliedTo(db, started, early)).includes(2);
			expect(await busyUntil(db, started, inbox, isDone)).toBeLessThan(4000);
		} else expect(await applyResponses(db.worker, 1000, undefined, inbox)).toBe(1);
	}
	expect(await appliedTo(db, started, early)).toEqual([1, 2]);
});

test('GRA-7: the responses of a run that somebody has locked are passed by, and applied once it is free', async ({
	db
}) => {
	const started = await startRuns(db, 3);
	const [held, free] = started.runs;
	const inbox = newInbox();
	const release = await openTransaction(db, (tx) =>
		tx.execute(sql`select 1 from enrollments where id = ${held}::uuid for update`)
	);
	await respond(db.admin, started, held!, 1);
	await respond(db.admin, started, free!, 2);
	expect(await applyResponses(db.worker, 1000, undefined, inbox)).toBe(1);
	// Nobody waits for the lock, and what is behind is not kept up.
	await respond(db.admin, started, free!, 3);
	expect(await applyResponses(db.worker, 1000, undefined, inbox)).toBe(1);
	expect(await appliedTo(db, started)).toEqual([2, 3]);
	await respond(db.admin, started, held!, 4);
	await release();
	const isDone = async () => (await appliedTo(db, started, held)).length === 2;
	expect(await busyUntil(db, started, inbox, isDone)).toBeLessThan(4000);
	expect(await appliedTo(db, started, held)).toEqual([1, 4]);
});

test('GRA-7: however many runs at the head somebody has locked, the responses of those behind them are applied', async ({
	db
}) => {
	const started = await startRuns(db, 12);
	const free = started.runs.slice(-2);
	const inbox = newInbox();
	// Pages of three: only the fourth has runs that are free.
	const release = await openTransaction(db, (tx) =>
		tx.execute(sql`
			select 1 from enrollments where cadence_id = ${started.cadenceId} and id <> all(${sql.param(free)}::uuid[]) for update`)
	);
	for (const [i, run] of started.runs.entries()) await respond(db.admin, started, run, i);
	for (const n of [10, 11]) {
		expect(await applyResponses(db.worker, 1, undefined, inbox)).toBe(1);
		expect(await appliedTo(db, started, started.runs[n])).toEqual([n]);
	}
	expect(await applyResponses(db.worker, 1, undefined, inbox)).toBe(0);
	await release();
	expect(await applyResponses(db.worker, 1000, undefined, inbox)).toBe(10);
	expect(await appliedTo(db, started)).toEqual([10, 11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

/** A lane that stops when it has runs in hand, until it is told how it goes on. */
function haltedLane() {
	const hasSome = Promise.withResolvers<void>();
	const goOn = Promise.withResolvers<void>();
	let cleared = 0;
	const mark: LaneMark = {
		begin: async () => {
			hasSome.resolve();
			await goOn.promise;
			return new Map();
		},
		take: async () => undefined,
		absolve: async () => undefined,
		clear: async () => void cleared++
	};
	return { mark, hasSome: hasSome.promise, goOn, cleared: () => cleared };
}

test('GRA-7: lanes that share a mark take what the others have not; what a failed pass had in hand comes at once', async ({
	db
}) => {
	const started = await startRuns(db, 6);
	const inbox = newInbox();
	for (const [i, run] of started.runs.entries()) await respond(db.admin, started, run, i);
	const halted = haltedLane();
	const failing = applyResponses(db.worker, 2, halted.mark, inbox);
	await halted.hasSome;
	const afterFirst = inbox.after;
	expect(await applyResponses(db.worker, 2, undefined, inbox)).toBe(2);
	expect(inbox.after).toBeGreaterThan(afterFirst);
	expect(await appliedTo(db, started)).toEqual([2, 3]);
	halted.goOn.reject(new Error('the connection is gone'));
	await expect(failing).rejects.toThrow('the connection is gone');
	expect([inbox.after, halted.cleared()]).toEqual([0, 1]);
	expect(await applyResponses(db.worker, 2, undefined, inbox)).toBe(2);
	expect(await applyResponses(db.worker, 2, undefined, inbox)).toBe(2);
	expect(await applyResponses(db.worker, 2, undefined, inbox)).toBe(0);
	expect(await appliedTo(db, started)).toEqual([2, 3, 0, 1, 4, 5]);
});

test('GRA-7: a pass that fails while another lane claims beyond it delays its responses by no more than the second', async ({
	db
}) => {
	const started = await startRuns(db, 4);
	const inbox = newInbox();
	const [first, second] = started.runs;
	await respond(db.admin, started, first!, 1);
	await respond(db.admin, started, second!, 2);
	const failed = haltedLane();
	const ahead = haltedLane();
	const failing = applyResponses(db.worker, 1, failed.mark, inbox);
	await failed.hasSome;
	const claiming = applyResponses(db.worker, 1, ahead.mark, inbox);
	await ahead.hasSome;
	const reached = inbox.after;
	failed.goOn.reject(new Error('the connection is gone'));
	await expect(failing).rejects.toThrow();
	// As if the answer to the other lane's claim had come only now.
	inbox.after = reached;
	ahead.goOn.resolve();
	expect(await claiming).toBe(1);
	const isDone = async () => (await appliedTo(db, started, first)).length === 1;
	expect(await busyUntil(db, started, inbox, isDone)).toBeLessThan(4000);
	expect(await appliedTo(db, started, second)).toEqual([2]);
});

test('GRA-7: a claim takes the oldest, in whatever order the database joins', async ({ db }) => {
	const started = await startRuns(db, 40);
	const byMerge = new URL(db.urls.worker);
	for (const way of ['enable_nestloop', 'enable_hashjoin', 'enable_memoize'])
		byMerge.searchParams.set(way, 'off');
	const worker = createDb(byMerge.href, { name: 'test-merge', max: 1 });
	try {
		const [setting] = await worker.execute<{ off: string }>(
			sql`select current_setting('enable_nestloop') as off`
		);
		expect(setting!.off).toBe('off');
		const order = started.runs.toSorted().reverse();
		for (const [i, run] of order.entries()) await respond(db.admin, started, run, i);
		await db.admin.execute(sql`analyze responses`);
		const inbox = newInbox();
		for (let taken = 0; taken < 40; taken += 4)
			expect(await applyResponses(worker, 4, undefined, inbox)).toBe(4);
		expect(await appliedTo(db, started)).toEqual(order.map((_, i) => i));
	} finally {
		await worker.$client.end({ timeout: 5 });
	}
});

test('GRA-7, EXE-1: three lanes and forty writers whose commits overtake each other: each response is applied once', async ({
	db
}) => {
	const started = await startRuns(db, 40);
	const errors: unknown[] = [];
	const engine = startEngine(db.worker, {
		log: { error: (...args: unknown[]) => void errors.push(args) },
		maxSleepMs: 100
	});
	try {
		const writers = started.runs.map(async (run, i) => {
			for (let n = 0; n < 3; n++)
				await db.admin.transaction(async (tx) => {
					await respond(tx, started, run, i * 3 + n);
					await sleep((i * 7 + n * 13) % 40);
				});
		});
		await Promise.all(writers);
		await expect.poll(async () => (await appliedTo(db, started)).length).toBe(120);
	} finally {
		await engine.stop();
	}
	expect((await appliedTo(db, started)).toSorted((a, b) => a - b)).toEqual(
		Array.from({ length: 120 }, (_, i) => i)
	);
	expect(errors).toEqual([]);
});

test('GRA-7, OPS-2: a wake-up that comes while the last lane looks for the next due time is not slept on', async ({
	db
}) => {
	const started = await startRuns(db, 1);
	let answers = 0;
	// Answers behind the back of a lane that has looked at the inbox already, before it sleeps.
	const worker = new Proxy(db.worker, {
		get: (target, key) => {
			if (key !== 'execute') return Reflect.get(target, key);
			return async (query: SQL) => {
				const rows = await target.execute(query);
				if (!answers++) {
					await respond(db.admin, started, started.runs[0]!, 0);
					engine.wake();
				}
				return rows;
			};
		}
	});
	const engine = startEngine(worker, {
		log: { error: () => undefined },
		lanes: 1,
		maxSleepMs: 60_000
	});
	try {
		await expect.poll(async () => await appliedTo(db, started), { timeout: 4_000 }).toEqual([0]);
		expect(answers).toBeGreaterThan(0);
	} finally {
		await engine.stop();
	}
});

test('EXE-9, EXE-3: after an outage a wait for a response is over since its own instant, not since it was found', async ({
	db
}) => {
	const started = await startRuns(db, 1, { endAfterDays: 2 });
	const [run] = started.runs;
	const inbox = newInbox();
	const came = (kind: string, parameter: string | null, at: SQL) =>
		db.admin.execute(sql`
			insert into responses (org_id, enrollment_id, run_no, action_id, kind, parameter, at)
			values (${started.orgId}::uuid, ${run}::uuid, 1, 'a', ${kind}, ${parameter}, ${at})`);
	// Received in time, worked on ten days later: the wait was over on the third.
	await came('status', 'In progress', sql`app.now()`);
	await shiftClock(db, '10 days');
	expect(await applyResponses(db.worker, 1000, undefined, inbox)).toBe(1);
	const due = sql`(select due_at from enrollments where id = ${run}::uuid)`;
	await came('overdue', null, due);
	expect(await applyResponses(db.worker, 1000, undefined, inbox)).toBe(1);
	await runEngine(db);
	const events = await db.admin.execute(sql`
		select kind, detail, late from events where enrollment_id = ${run}::uuid and kind in ('status', 'overdue', 'unenrolled')
		order by id`);
	await shiftClock(db, '0');
	expect(events).toEqual([
		{ kind: 'status', detail: 'In progress', late: false },
		{ kind: 'overdue', detail: null, late: true },
		{ kind: 'unenrolled', detail: 'no_response', late: false }
	]);
});
