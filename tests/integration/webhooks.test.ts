import { spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { sendWebhooks } from '../../src/lib/server/channels/webhook/sendWebhooks.ts';
import { sweepWebhooks } from '../../src/lib/server/channels/webhook/sweepWebhooks.ts';
import {
	rotateWebhookSecret,
	showWebhookSecret
} from '../../src/lib/server/channels/webhook/webhookSecret.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { explainEnrollment } from '../../src/lib/server/enrollments/explainEnrollment.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { testEnvironment, useConfig } from '../support/config.ts';
import { shiftClock } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { branch, makeWorld, runEngine, runsOf } from '../support/engineWorld.ts';
import { at, callsOf, queueHooks, send, withSink } from '../support/webhookRuns.ts';
import { isSigned, startWebhookSink, type HookAnswer } from '../support/webhookSink.ts';

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

/** Neither an answer nor an error for who does not listen for it. */
const switchProtocol = (res: ServerResponse) =>
	res.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');

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
		['hangUp', 'again', /hang up|reset/],
		[switchProtocol, 'again', /answered 101/]
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
	const unanswered: ServerResponse[] = [];
	await withSink(
		db,
		(path) => (path === '/stall' ? (res) => void unanswered.push(res) : 200),
		async (sink, world) => {
			const stalled = await queueHooks(db, world, `${sink.url}/stall`, 30);
			// The same machine under another name is another receiver.
			const quick = await queueHooks(db, world, `${sink.url.replace('127.0.0.1', 'localhost')}/quick`, 30);
			const stop = new AbortController();
			const sending = sendWebhooks(db.worker, {
				timeoutMs: 20_000,
				slots: 10,
				perReceiver: 4,
				signal: stop.signal
			});
			await expect
				.poll(() => sink.received.filter((hook) => hook.path === '/quick').length, { timeout: 15_000 })
				.toBe(30);
			expect(unanswered.length).toBeGreaterThan(0);
			stop.abort();
			for (const res of unanswered) res.destroy();
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
