import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { sendWebhooks } from '../../src/lib/server/channels/webhook/sendWebhooks.ts';
import { sweepWebhooks } from '../../src/lib/server/channels/webhook/sweepWebhooks.ts';
import {
	rotateWebhookSecret,
	showWebhookSecret
} from '../../src/lib/server/channels/webhook/webhookSecret.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { listFailedWebhooks } from '../../src/lib/server/operations/listFailedWebhooks.ts';
import { resendWebhooks } from '../../src/lib/server/operations/resendWebhooks.ts';
import type { PlanBranch } from '../../src/lib/domain/plan/plan.ts';
import { testEnvironment, useConfig } from '../support/config.ts';
import { makeUser, rep, shiftClock } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	makeCadence,
	makeLeads,
	makeWorld,
	planOf,
	runEngine,
	runsOf,
	task,
	type World
} from '../support/engineWorld.ts';
import { publishPlan } from '../support/liveRuns.ts';
import { webhook } from '../support/extraActions.ts';
import { isSigned, startWebhookSink, type HookAnswer } from '../support/webhookSink.ts';

type Sink = Awaited<ReturnType<typeof startWebhookSink>>;

/** A receiver, and the configuration that lets the worker reach it. */
async function withSink(
	db: TestDatabase,
	answer: (path: string, nth: number) => HookAnswer,
	use: (sink: Sink, world: World) => Promise<void>
): Promise<void> {
	const sink = await startWebhookSink(answer);
	useConfig(db.urls);
	try {
		await use(sink, await makeWorld(db));
	} finally {
		await sink.stop();
		setConfig(undefined);
		await shiftClock(db, '0');
	}
}

/** Records whose webhook is queued: `done` and `failed` lead to tasks of these names unless said otherwise. */
async function queueHooks(db: TestDatabase, world: World, url: string, n = 1, branches?: PlanBranch[]) {
	const plan = planOf([
		webhook(
			'hook',
			{ url },
			branches ?? [branch('hook', { response: 'done' }, 'yes'), branch('hook', { response: 'failed' }, 'no')]
		),
		{ ...task('yes'), followUp: 2 },
		{ ...task('no'), followUp: 2 }
	]);
	const { cadenceId } = await makeCadence(db, world, plan);
	const ids = await makeLeads(
		db,
		world,
		Array.from({ length: n }, (_, i) => ({ data: { lastName: `Lead ${i}`, company: 'Initech' } }))
	);
	await withOrg(db.web, world.orgId, (tx) => enrollRecords(tx, world.actor, { cadenceId, records: { ids } }));
	await runEngine(db);
	return { cadenceId, ids };
}

const callsOf = (db: TestDatabase, cadenceId: string) =>
	db.admin.execute<{
		status: string;
		attempts: number;
		wait_reason: string | null;
		last_error: string | null;
		minutes: number;
		action_run_id: string;
	}>(sql`
		select status, attempts, wait_reason, last_error, action_run_id,
			(extract(epoch from not_before - app.now()) / 60)::float8 as minutes
		from webhook_calls where cadence_id = ${cadenceId} order by id`);

const at = async (db: TestDatabase, cadenceId: string) =>
	(await runsOf(db, cadenceId)).map((run) => [run.status, run.current_action_id, run.end_reason]);

const send = (db: TestDatabase) => sendWebhooks(db.worker, { timeoutMs: 400 });

test('GRA-8: a webhook is posted once, signed, with a key; its race opens when the receiver has taken it', async ({
	db
}) => {
	await withSink(
		db,
		() => 204,
		async (sink, world) => {
			const { cadenceId, ids } = await queueHooks(db, world, `${sink.url}/hook`, 3);
			expect(await at(db, cadenceId)).toEqual(Array.from({ length: 3 }, () => ['active', 'hook', null]));
			await send(db);
			await send(db);
			await runEngine(db);
			expect(await at(db, cadenceId)).toEqual(
				Array.from({ length: 3 }, () => ['completed', 'yes', 'completed'])
			);
			expect(sink.received).toHaveLength(3);
			const secret = await withOrg(db.web, world.orgId, (tx) => showWebhookSecret(tx, world.actor));
			expect(sink.received.every((hook) => isSigned(hook, secret))).toBe(true);
			const keys = (await callsOf(db, cadenceId)).map((call) => call.action_run_id);
			expect(sink.received.map((hook) => hook.headers['webhook-id']).sort()).toEqual(keys.sort());
			expect(sink.received.map((hook) => hook.body.data.record['id']).sort()).toEqual([...ids].sort());
			expect(sink.received[0]!.body).toMatchObject({
				type: 'cadence.webhook',
				data: { cadence: { id: cadenceId }, record: { module: 'leads', fields: { company: 'Initech' } } }
			});
			const events = await db.admin.execute<{ kind: string; n: number }>(sql`
			select kind, count(*)::int as n from events where cadence_id = ${cadenceId} and action_id = 'hook' group by 1 order by 1`);
			expect([...events]).toEqual([
				{ kind: 'done', n: 3 },
				{ kind: 'executed', n: 3 }
			]);
			await withOrg(db.web, world.orgId, (tx) => rotateWebhookSecret(tx, world.actor));
			const next = await withOrg(db.web, world.orgId, (tx) => showWebhookSecret(tx, world.actor));
			expect(next).not.toBe(secret);
			expect(isSigned(sink.received[0]!, next)).toBe(false);
		}
	);
});

test('GRA-6, GRA-8: what each answer means', async ({ db }) => {
	const table: [HookAnswer, 'done' | 'failed' | 'again', RegExp][] = [
		[200, 'done', /^$/],
		[201, 'done', /^$/],
		[400, 'failed', /answered 400/],
		[404, 'failed', /answered 404/],
		[410, 'failed', /answered 410/],
		[408, 'again', /answered 408/],
		[429, 'again', /answered 429/],
		[301, 'again', /redirects are not followed/],
		[500, 'again', /answered 500/],
		[503, 'again', /answered 503/],
		['stall', 'again', /No answer within/],
		['hangUp', 'again', /hang up|reset/]
	];
	await withSink(
		db,
		(path) => table[Number(path.slice(1))]![0],
		async (sink, world) => {
			const made: string[] = [];
			for (const i of table.keys()) made.push((await queueHooks(db, world, `${sink.url}/${i}`)).cadenceId);
			await send(db);
			await runEngine(db);
			for (const [i, [answer, verdict, words]] of table.entries()) {
				const label = `answer ${String(answer)}`;
				const [call] = await callsOf(db, made[i]!);
				const [run] = await at(db, made[i]!);
				expect(call!.attempts, label).toBe(1);
				expect(call!.last_error ?? '', label).toMatch(words);
				if (verdict === 'again') {
					expect([call!.status, run], label).toEqual(['queued', ['active', 'hook', null]]);
					expect(call!.minutes, label).toBeGreaterThan(0.7);
					expect(call!.minutes, label).toBeLessThan(1.3);
				} else {
					expect(call!.status, label).toBe(verdict);
					expect(run, label).toEqual(['completed', verdict === 'done' ? 'yes' : 'no', 'completed']);
				}
			}
			// A redirect was not followed.
			expect(sink.received.filter((hook) => hook.path === '/elsewhere')).toEqual([]);
			expect(sink.received).toHaveLength(table.length);
		}
	);
});

test('GRA-8: tried again with the same key until taken; after 24 hours it failed, and without a branch the run', async ({
	db
}) => {
	await withSink(
		db,
		(path, nth) => (path === '/late' && nth === 3 ? 200 : 503),
		async (sink, world) => {
			const late = await queueHooks(db, world, `${sink.url}/late`);
			const never = await queueHooks(db, world, `${sink.url}/never`, 1, [
				branch('hook', { response: 'done' }, 'yes')
			]);
			let hours = 0;
			for (let turn = 0; turn < 40 && hours < 30; turn++) {
				await send(db);
				await runEngine(db);
				const waits = [
					...(await callsOf(db, late.cadenceId)),
					...(await callsOf(db, never.cadenceId))
				].filter((call) => call.status === 'queued');
				if (!waits.length) break;
				hours += Math.max(...waits.map((call) => call.minutes)) / 60 + 0.001;
				await shiftClock(db, `${Math.ceil(hours * 3600)} seconds`);
			}
			expect(hours).toBeGreaterThan(18);
			expect(hours).toBeLessThanOrEqual(25);
			expect(await at(db, late.cadenceId)).toEqual([['completed', 'yes', 'completed']]);
			const keys = sink.received
				.filter((hook) => hook.path === '/late')
				.map((hook) => hook.headers['webhook-id']);
			expect(keys).toHaveLength(3);
			expect(new Set(keys).size).toBe(1);
			expect(await at(db, never.cadenceId)).toEqual([['failed', 'hook', 'webhook_refused']]);
			const [run] = await runsOf(db, never.cadenceId);
			expect(run!.end_detail).toMatch(/503/);
		}
	);
});

test('GRA-8, EXE-9: what nobody took is sent again with its key, once, and its run stays where it is', async ({
	db
}) => {
	let works = false;
	await withSink(
		db,
		() => (works ? 200 : 410),
		async (sink, world) => {
			const { cadenceId } = await queueHooks(db, world, `${sink.url}/mended`, 3);
			await send(db);
			await runEngine(db);
			const ended = Array.from({ length: 3 }, () => ['completed', 'no', 'completed']);
			expect(await at(db, cadenceId)).toEqual(ended);
			const as = <T>(work: (tx: OrgTx) => Promise<T>) => withOrg(db.web, world.orgId, work);
			const { calls, total } = await as((tx) => listFailedWebhooks(tx, world.actor));
			expect([calls.length, total]).toEqual([3, 3]);
			const one = { id: calls[0]!.id };
			const clerk = await makeUser(db, world.orgId, rep, 'Rita Rep');
			await expect(as((tx) => resendWebhooks(tx, clerk, one))).rejects.toMatchObject({ code: 'forbidden' });
			// Two people click at once.
			const clicks = await Promise.allSettled(
				[1, 2].map(() => as((tx) => resendWebhooks(tx, world.actor, one)))
			);
			expect(clicks.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
			await send(db);
			// Still refused: back on the list, and the run is not told twice.
			expect(await as((tx) => listFailedWebhooks(tx, world.actor))).toMatchObject({ total: 3 });
			works = true;
			expect(await as((tx) => resendWebhooks(tx, world.actor, { all: true }))).toBe(3);
			await send(db);
			await send(db);
			await runEngine(db);
			expect(await callsOf(db, cadenceId)).toMatchObject(
				Array.from({ length: 3 }, () => ({ status: 'done' }))
			);
			expect(await at(db, cadenceId)).toEqual(ended);
			const keys = (await callsOf(db, cadenceId)).map((call) => call.action_run_id).toSorted();
			const perKey = Map.groupBy(sink.received, (hook) => hook.headers['webhook-id'] ?? '');
			expect([...perKey.keys()].toSorted()).toEqual(keys);
			expect([...perKey.values()].map((hooks) => hooks.length).toSorted()).toEqual([2, 2, 3]);
			const failed = await db.admin.execute<{ n: number }>(sql`
				select count(*)::int as n from events where cadence_id = ${cadenceId} and kind = 'messageFailed' and action_id = 'hook'`);
			expect(failed[0]!.n).toBe(3);
			await expect(as((tx) => resendWebhooks(tx, world.actor, { all: true }))).rejects.toMatchObject({
				code: 'not_found'
			});
		}
	);
});

test('GRA-8, DEA-1: sent again it goes to the address of the live version, and not for an inactive cadence', async ({
	db
}) => {
	await withSink(
		db,
		(path) => (path === '/wrong' ? 404 : 200),
		async (sink, world) => {
			const { cadenceId } = await queueHooks(db, world, `${sink.url}/wrong`);
			await send(db);
			await runEngine(db);
			const plan = planOf([webhook('hook', { url: `${sink.url}/right` }, [])]);
			await publishPlan(db, world, cadenceId, plan);
			await db.admin.execute(sql`update cadences set state = 'inactive' where id = ${cadenceId}::uuid`);
			await withOrg(db.web, world.orgId, (tx) => resendWebhooks(tx, world.actor, { all: true }));
			await send(db);
			expect(await callsOf(db, cadenceId)).toMatchObject([{ wait_reason: 'cadence_inactive' }]);
			await db.admin.execute(sql`update cadences set state = 'active' where id = ${cadenceId}::uuid`);
			await db.admin.execute(
				sql`update webhook_calls set not_before = app.now() where cadence_id = ${cadenceId}::uuid`
			);
			await send(db);
			expect(sink.received.map(({ path }) => path)).toEqual(['/wrong', '/right']);
		}
	);
});

test('EXE-10, UNE-4: what waits is withdrawn by un-enrollment and held by a pause', async ({ db }) => {
	await withSink(
		db,
		() => 200,
		async (sink, world) => {
			const gone = await queueHooks(db, world, `${sink.url}/gone`);
			const held = await queueHooks(db, world, `${sink.url}/held`);
			const [run] = await runsOf(db, gone.cadenceId);
			const [paused] = await runsOf(db, held.cadenceId);
			await withOrg(db.web, world.orgId, (tx) =>
				unenrollRecords(tx, world.actor, { target: { enrollmentIds: [run!.id] } })
			);
			await withOrg(db.web, world.orgId, (tx) =>
				pauseEnrollments(tx, world.actor, { enrollmentIds: [paused!.id], until: null })
			);
			expect(await callsOf(db, gone.cadenceId)).toMatchObject([{ status: 'cancelled' }]);
			await send(db);
			expect(sink.received).toEqual([]);
			expect(await callsOf(db, held.cadenceId)).toMatchObject([{ status: 'queued', wait_reason: 'paused' }]);
			await withOrg(db.web, world.orgId, (tx) =>
				resumeEnrollments(tx, world.actor, { enrollmentIds: [paused!.id] })
			);
			await send(db);
			await runEngine(db);
			expect(sink.received.map((hook) => hook.path)).toEqual(['/held']);
			expect(await at(db, held.cadenceId)).toEqual([['completed', 'yes', 'completed']]);
			const actionRuns = await db.admin.execute<{ status: string }>(
				sql`select status from action_runs where enrollment_id = ${run!.id}::uuid`
			);
			expect([...actionRuns]).toEqual([{ status: 'cancelled' }]);
		}
	);
});

test('EXE-2, DEA-1: a claim checks un-enrollment on fresh data and leaves inactive cadences alone', async ({
	db
}) => {
	await withSink(
		db,
		() => 200,
		async (sink, world) => {
			const deleted = await queueHooks(db, world, `${sink.url}/deleted`);
			const inactive = await queueHooks(db, world, `${sink.url}/inactive`);
			await db.admin.execute(
				sql`update records set deleted_at = app.now() where id = ${deleted.ids[0]}::uuid`
			);
			await db.admin.execute(
				sql`update cadences set state = 'inactive' where id = ${inactive.cadenceId}::uuid`
			);
			await send(db);
			expect(sink.received).toEqual([]);
			expect(await callsOf(db, deleted.cadenceId)).toMatchObject([{ status: 'cancelled' }]);
			expect(await at(db, deleted.cadenceId)).toEqual([['stopped', 'hook', 'record_deleted']]);
			expect(await callsOf(db, inactive.cadenceId)).toMatchObject([{ wait_reason: 'cadence_inactive' }]);
		}
	);
});

test('GRA-8: a receiver that stalls holds up nobody else, and "why is it not moving?" names it', async ({
	db
}) => {
	await withSink(
		db,
		(path) => (path === '/stall' ? 'stall' : 200),
		async (sink, world) => {
			const stalled = await queueHooks(db, world, `${sink.url}/stall`, 30);
			// The same machine under another name is another receiver.
			const quick = await queueHooks(db, world, `${sink.url.replace('127.0.0.1', 'localhost')}/quick`, 30);
			const stop = new AbortController();
			const sending = sendWebhooks(db.worker, {
				timeoutMs: 4000,
				slots: 10,
				perReceiver: 4,
				signal: stop.signal
			});
			await expect
				.poll(() => sink.received.filter((hook) => hook.path === '/quick').length, { timeout: 3500 })
				.toBe(30);
			stop.abort();
			await sending;
			await runEngine(db);
			expect(new Set((await at(db, quick.cadenceId)).map(([status]) => status))).toEqual(
				new Set(['completed'])
			);
			const [first] = await runsOf(db, stalled.cadenceId);
			const sentence = await withOrg(db.web, world.orgId, (tx) =>
				explainEnrollment(tx, world.actor, first!.id)
			);
			expect(sentence).toMatch(/Follow-up 1 · hook.*(receiver|outbox)/);
		}
	);
});

test('S15: addresses of the own machine and network, odd ports and schemes are never called', async ({
	db
}) => {
	const sink = await startWebhookSink();
	const port = new URL(sink.url).port;
	useConfig(db.urls, { ALLOW_PRIVATE_HOSTS: 'false' });
	try {
		const world = await makeWorld(db);
		const spellings = [
			`http://127.0.0.1:${port}/`,
			`http://localhost:${port}/`,
			`http://2130706433:${port}/`,
			`http://0x7f.1:${port}/`,
			`http://[::1]:${port}/`,
			`http://[::ffff:127.0.0.1]:${port}/`,
			'http://169.254.169.254/latest/meta-data',
			'http://10.0.0.1/',
			'http://8.8.8.8:22/',
			'ftp://8.8.8.8/',
			'file:///etc/passwd',
			'nonsense'
		];
		const made: string[] = [];
		for (const url of spellings) made.push((await queueHooks(db, world, url)).cadenceId);
		await send(db);
		await runEngine(db);
		expect(sink.received).toEqual([]);
		for (const [i, cadenceId] of made.entries()) {
			const [call] = await callsOf(db, cadenceId);
			expect([call!.status, (await at(db, cadenceId))[0]![1]], spellings[i]).toEqual(['failed', 'no']);
		}
	} finally {
		await sink.stop();
		setConfig(undefined);
	}
});

const script = fileURLToPath(new URL('../support/webhookProcess.ts', import.meta.url));

test(
	'E2, GRA-8: killed at any point every webhook arrives, with one key each, and is done once',
	{ timeout: 120_000 },
	async ({ db }) => {
		await withSink(
			db,
			() => 200,
			async (sink, world) => {
				const points = ['webhook.answered:2', 'webhook.settled:2'];
				for (const point of points) {
					const path = `/${point}`;
					const { cadenceId } = await queueHooks(db, world, `${sink.url}${path}`, 6);
					const signal = await new Promise<NodeJS.Signals | null>((done, failed) => {
						const child = spawn(process.execPath, [script], {
							env: { ...process.env, ...testEnvironment(db.urls), FAILPOINT: point },
							stdio: ['ignore', 'ignore', 'inherit']
						});
						child.on('error', failed);
						child.on('exit', (code, by) => (code ? failed(new Error(`exit ${code}`)) : done(by)));
					});
					expect(signal, point).toBe('SIGKILL');
					// Whoever held them is dead; the lease is not waited for here.
					await db.admin.execute(
						sql`update webhook_calls set lease_until = clock_timestamp() - interval '1 second' where status = 'claimed'`
					);
					await sweepWebhooks(db.worker);
					await send(db);
					await runEngine(db);
					expect(await at(db, cadenceId), point).toEqual(
						Array.from({ length: 6 }, () => ['completed', 'yes', 'completed'])
					);
					const keys = sink.received
						.filter((hook) => hook.path === path)
						.map((hook) => hook.headers['webhook-id']);
					expect(new Set(keys).size, point).toBe(6);
					const done = await db.admin.execute<{ n: number }>(sql`
				select count(*)::int as n from events where cadence_id = ${cadenceId} and kind = 'done'`);
					expect(done[0]!.n, point).toBe(6);
				}
			}
		);
	}
);
