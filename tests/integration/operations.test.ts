import { createServer, type Server } from 'node:http';
import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { createDb, withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { getOperations } from '../../src/lib/server/operations/getOperations.ts';
import { handleOperations } from '../../src/lib/server/operations/handleOperations.ts';
import { cap, readLoad } from '../../src/lib/server/operations/readLoad.ts';
import { dropQuarantined, retryQuarantined } from '../../src/lib/server/operations/resolveQuarantined.ts';
import { listWorkers, startHeartbeat, takeOver } from '../../src/lib/server/operations/workers.ts';

import { expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	days,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task,
	type World
} from '../support/engineWorld.ts';
import { makeUser, rep } from '../support/crm.ts';
import { webhook } from '../support/extraActions.ts';
import { useConfig } from '../support/config.ts';

const steps = [task('a', [branch('a', { response: 'created' }, 'b', days(1))]), task('b')];

/** Runs that wait until a time from now, as one statement. */
const insertRuns = (db: TestDatabase, world: World, cadenceId: string, n: number, dueIn: string) =>
	db.admin.transaction(async (tx) => {
		// No foreign keys, no record for each: only their place in the schedule matters.
		await tx.execute(sql`set local session_replication_role = replica`);
		await tx.execute(sql`
			insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, next_branch_id, next_action_id, due_at)
			select ${world.orgId}::uuid, gen_random_uuid(), c.id, gen_random_uuid(), c.active_version_id, 'view', 'start/entry', 'a',
				app.now() + ${dueIn}::interval + g * interval '1 millisecond'
			from cadences c, generate_series(1, ${n}::int) g where c.id = ${cadenceId}::uuid`);
	});

test('OPS-3: the load of an organization is its own: due, late, queues, rates, what is set aside', async ({
	db
}) => {
	const world = await makeWorld(db);
	const stranger = await makeWorld(db);
	const { cadenceId } = await makeCadence(db, world, planOf(steps));
	const other = await makeCadence(db, stranger, planOf(steps));
	await insertRuns(db, stranger, other.cadenceId, 7, '-1 hour');
	await insertRuns(db, world, cadenceId, 3, '-10 minutes');
	await insertRuns(db, world, cadenceId, 5, '1 hour');
	await db.admin.execute(sql`
		update enrollments set quarantined_at = app.now(), quarantine_reason = 'boom'
		where id = (select id from enrollments where cadence_id = ${cadenceId} and due_at < app.now() order by due_at limit 1)`);
	await db.admin.execute(sql`
		insert into responses (org_id, enrollment_id, run_no, action_id, kind)
		select ${world.orgId}::uuid, gen_random_uuid(), 1, 'a', 'opened' from generate_series(1, 4)`);
	const load = await withOrg(db.web, world.orgId, (tx) => readLoad(tx, world.orgId));
	expect(load.cadences).toMatchObject([
		{ cadenceId, due: { n: 2, cut: false }, quarantined: 1, doubtful: 0, stepsPerMinute: 0 }
	]);
	expect((+load.at - +load.cadences[0]!.oldestDueAt!) / 1000).toBeCloseTo(600, -1);
	expect(load.queues.find((queue) => queue.name === 'responses')).toMatchObject({
		waiting: { n: 4, cut: false }
	});
	const all = await readLoad(db.web, null);
	expect(all.cadences.map((one) => one.due.n).sort()).toEqual([2, 7]);
	await db.admin.execute(sql`delete from responses`);
});

test('OPS-3: rates come from the event log', async ({ db }) => {
	const world = await makeWorld(db);
	const { cadenceId } = await makeCadence(db, world, planOf(steps));
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: 10 }, () => ({}))
	);
	await db.admin.execute(sql`
		insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, next_branch_id, next_action_id, due_at)
		select ${world.orgId}::uuid, gen_random_uuid(), c.id, r.id, c.active_version_id, 'manual', 'start/entry', 'a', app.now()
		from cadences c, records r where c.id = ${cadenceId}::uuid and r.id = any(${sql.param(ids)}::uuid[])`);
	await runEngine(db);
	const load = await readLoad(db.worker, world.orgId);
	expect(load.cadences.find((one) => one.cadenceId === cadenceId)).toMatchObject({
		stepsPerMinute: 2,
		sendsPerMinute: 0,
		due: { n: 0 }
	});
});

test('OPS-3: a refresh costs the same however many enrollments wait', async ({ db }) => {
	const world = await makeWorld(db);
	const { cadenceId } = await makeCadence(db, world, planOf(steps));
	const pages = async () => {
		const found: Record<string, number> = {};
		for (const call of [
			'due_runs(null, 10000)',
			'queue_heads(null, 10000)',
			'recent_events(null, 5, 2000)',
			'set_aside(null, 10000)'
		]) {
			await db.admin.execute(sql.raw(`select * from app.${call}`));
			const rows = await db.admin.execute<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>(
				sql.raw(`explain (analyze, buffers, format json) select * from app.${call}`)
			);
			const { Plan } = rows[0]!['QUERY PLAN'][0]!;
			found[call.split('(')[0]!] = Plan['Shared Hit Blocks']! + Plan['Shared Read Blocks']!;
		}
		return found;
	};
	const before = await pages();
	await insertRuns(db, world, cadenceId, 30_000, '1 day');
	await db.admin.execute(sql`analyze enrollments`);
	const after = await pages();
	for (const [call, n] of Object.entries(after)) expect(n, call).toBeLessThan(before[call]! + 60);
	// Due ones are counted up to the cap: 10,000 of them, and "more".
	await db.admin.execute(sql`
		update enrollments set due_at = app.now() - interval '1 minute' where cadence_id = ${cadenceId}`);
	const load = await readLoad(db.worker, world.orgId);
	expect(load.cadences).toMatchObject([{ cadenceId, due: { n: cap, cut: true } }]);
});

test('OPS-2: a worker that is not seen any more is shown as dead, and what it had locked is free', async ({
	db
}) => {
	const seen = async () =>
		Object.fromEntries((await listWorkers(db.web)).map((one) => [one.lanes, one.state]));
	const errors: unknown[] = [];
	// The living one's own beats take over only after ten minutes: what is freed here, the test has freed.
	const options = { lanes: 3, deadAfterMs: 600_000, onError: (error: unknown) => errors.push(error) };
	const living = startHeartbeat(db.worker, { ...options, queueId: 'pool-living' });
	await expect.poll(seen).toEqual({ 3: 'alive' });
	await db.admin.execute(sql`
		insert into app.workers (id, queue_id, host, pid, lanes, seen_at)
		values (gen_random_uuid(), 'pool-dead', 'elsewhere', 1, 4, clock_timestamp() - interval '30 seconds')`);
	await db.worker.execute(sql`select jobs.enqueue('compactDocuments', '{}'::json)`);
	await db.worker.execute(sql`select jobs.enqueue('foldReports', '{}'::json)`);
	const locks = () =>
		db.worker.execute<{ locked_by: string | null }>(
			sql`select locked_by from graphile_worker._private_jobs order by id`
		);
	await db.worker.execute(sql`
		update graphile_worker._private_jobs set locked_at = now(),
			locked_by = case id when (select min(id) from graphile_worker._private_jobs) then 'pool-dead' else 'pool-living' end`);
	expect(await seen()).toEqual({ 3: 'alive', 4: 'dead' });
	expect(await takeOver(db.worker, 20_000)).toBe(1);
	expect((await locks()).map((row) => row.locked_by)).toEqual([null, 'pool-living']);
	expect(await takeOver(db.worker, 20_000)).toBe(0);
	await living.stop();
	expect(await seen()).toEqual({ 3: 'stopped', 4: 'dead' });
	expect(errors).toEqual([]);
});

test('OPS-3: /metrics is for this machine or who has the token; /readyz wants the database and its migrations', async ({
	db
}) => {
	const world = await makeWorld(db);
	const { cadenceId } = await makeCadence(db, world, planOf(steps));
	await insertRuns(db, world, cadenceId, 2, '-1 minute');
	const web = createDb(db.urls.web, { name: 'operations', max: 2 });
	const server: Server = createServer((req, res) => {
		if (!handleOperations(req, res, () => web)) res.writeHead(418).end();
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	const { port } = server.address() as { port: number };
	const get = (path: string, headers: Record<string, string> = {}) =>
		fetch(`http://127.0.0.1:${port}${path}`, { headers });
	try {
		expect((await get('/healthz')).status).toBe(200);
		expect((await get('/readyz')).status).toBe(200);
		expect((await get('/elsewhere')).status).toBe(418);
		const text = await (await get('/metrics')).text();
		expect(text).toContain(`cadenza_due_runs{cadence="${cadenceId}"} 2`);
		expect(text).toContain('cadenza_database_up 1');
		expect((await get('/metrics', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(404);
		useConfig(db.urls, { METRICS_TOKEN: 'a-token-of-the-operator' });
		expect((await get('/metrics')).status).toBe(404);
		expect((await get('/metrics', { authorization: 'Bearer a-token-of-somebody-el' })).status).toBe(404);
		expect((await get('/metrics', { authorization: 'Bearer a-token-of-the-operator' })).status).toBe(200);
		// A migration of this code that the database does not have.
		await db.admin.execute(sql`update drizzle.__drizzle_migrations set created_at = created_at - 1000000000`);
		expect((await get('/readyz')).status).toBe(503);
		await db.admin.execute(sql`update drizzle.__drizzle_migrations set created_at = created_at + 1000000000`);
		expect((await get('/readyz')).status).toBe(200);
	} finally {
		useConfig(db.urls);
		server.closeAllConnections();
		await new Promise((done) => server.close(done));
		await web.$client.end({ timeout: 2 });
	}
});

test('OPS-3: what is set aside is tried again or given up by an administrator, and by nobody else', async ({
	db
}) => {
	const world = await makeWorld(db);
	const { cadenceId } = await makeCadence(db, world, planOf(steps));
	const ids = await makeLeads(db, world, [{}, {}]);
	await db.admin.execute(sql`
		insert into enrollments (org_id, id, cadence_id, record_id, version_id, source, next_branch_id, next_action_id, due_at,
			quarantined_at, quarantine_reason)
		select ${world.orgId}::uuid, gen_random_uuid(), c.id, r.id, c.active_version_id, 'manual', 'start/entry', 'a', app.now(),
			app.now(), 'boom'
		from cadences c, records r where c.id = ${cadenceId}::uuid and r.id = any(${sql.param(ids)}::uuid[])`);
	await db.admin.execute(sql`
		insert into responses (org_id, enrollment_id, run_no, action_id, kind, quarantined_at)
		select org_id, id, 1, 'a', 'overdue', app.now() from enrollments where cadence_id = ${cadenceId} limit 1`);
	const as = <T>(_: Actor, fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, world.orgId, fn);
	const seen = await as(world.actor, (tx) => getOperations(tx, world.actor));
	expect(seen.setAside).toHaveLength(3);
	expect(seen.setAside).toContainEqual(
		expect.objectContaining({ kind: 'run', reason: 'boom', moduleKey: 'leads', cadenceId })
	);
	const nobody = await makeUser(db, world.orgId, rep);
	await expect(as(nobody, (tx) => getOperations(tx, nobody))).rejects.toMatchObject({ code: 'forbidden' });

	const [one, two] = seen.setAside.filter((row) => row.kind === 'run');
	const response = seen.setAside.find((row) => row.kind === 'response')!;
	await expect(
		as(nobody, (tx) => retryQuarantined(tx, nobody, { kind: 'run', id: one!.id }))
	).rejects.toMatchObject({ code: 'forbidden' });
	await as(world.actor, (tx) => retryQuarantined(tx, world.actor, { kind: 'run', id: one!.id }));
	await as(world.actor, (tx) => dropQuarantined(tx, world.actor, { kind: 'run', id: two!.id }));
	await as(world.actor, (tx) => dropQuarantined(tx, world.actor, { kind: 'response', id: response.id }));
	await runEngine(db);
	const runs = await runsOf(db, cadenceId);
	expect(runs.find((run) => run.id === one!.id)).toMatchObject({ status: 'active', current_action_id: 'a' });
	expect(runs.find((run) => run.id === two!.id)).toMatchObject({ status: 'stopped', end_reason: 'manual' });
	expect((await as(world.actor, (tx) => getOperations(tx, world.actor))).setAside).toEqual([]);
	await expect(
		as(world.actor, (tx) => retryQuarantined(tx, world.actor, { kind: 'run', id: one!.id }))
	).rejects.toMatchObject({ code: 'not_found' });
});

test('GRA-8, OPS-3: administrators see which webhooks nobody took: record, action, receiver, error', async ({
	db
}) => {
	const world = await makeWorld(db);
	const { cadenceId } = await makeCadence(
		db,
		world,
		planOf([webhook('hook', { url: 'https://crm.example/in?key=secret' })])
	);
	const ids = await makeLeads(db, world, [{ name: 'Ann' }, { name: 'Ben' }]);
	await withOrg(db.web, world.orgId, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
	await runEngine(db);
	await db.admin.execute(sql`
		update webhook_calls set status = 'failed', settled_at = app.now(), attempts = 1, last_error = 'The receiver answered 410.'
		where cadence_id = ${cadenceId} and record_id = ${ids[0]!}`);
	const list = (actor: Actor) =>
		withOrg(db.web, world.orgId, async (tx) => (await getOperations(tx, actor)).failedWebhooks.calls);
	expect(await list(world.actor)).toMatchObject([
		{
			recordId: ids[0],
			recordName: 'Ann',
			cadenceId,
			actionTitle: 'hook',
			receiver: 'crm.example',
			attempts: 1,
			error: 'The receiver answered 410.'
		}
	]);
	await expect(list(await makeUser(db, world.orgId, rep))).rejects.toMatchObject({ code: 'forbidden' });
	await db.admin.execute(sql`update webhook_calls set settled_at = app.now() - interval '8 days'`);
	expect(await list(world.actor)).toEqual([]);
});
