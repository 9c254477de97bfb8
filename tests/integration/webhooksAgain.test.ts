import { sql } from 'drizzle-orm';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '../../src/lib/server/enrollments/unenrollRecords.ts';
import { listFailedWebhooks } from '../../src/lib/server/operations/listFailedWebhooks.ts';
import { resendWebhooks } from '../../src/lib/server/operations/resendWebhooks.ts';
import { makeUser, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { planOf, runEngine, runsOf } from '../support/engineWorld.ts';
import { publishPlan } from '../support/liveRuns.ts';
import { webhook } from '../support/extraActions.ts';
import { at, callsOf, queueHooks, send, withSink } from '../support/webhookRuns.ts';

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

test('REE-4, GRA-8: a run that stopped before it heard that its webhook failed calls again when it goes on', async ({
	db
}) => {
	let works = false;
	await withSink(
		db,
		() => (works ? 200 : 410),
		async (sink, world) => {
			const { cadenceId } = await queueHooks(db, world, `${sink.url}/late`, 2);
			await send(db);
			const as = <T>(work: (tx: OrgTx) => Promise<T>) => withOrg(db.web, world.orgId, work);
			const enrollmentIds = (await runsOf(db, cadenceId)).map((run) => run.id);
			await as((tx) => unenrollRecords(tx, world.actor, { target: { enrollmentIds } }));
			await runEngine(db);
			expect(await callsOf(db, cadenceId)).toMatchObject([{ status: 'failed' }, { status: 'failed' }]);
			// One of them is sent again meanwhile, by a person who knows nothing of the run.
			const { calls } = await as((tx) => listFailedWebhooks(tx, world.actor));
			await as((tx) => resendWebhooks(tx, world.actor, { id: calls[0]!.id }));
			await as((tx) => resumeEnrollments(tx, world.actor, { enrollmentIds }));
			works = true;
			await send(db);
			await runEngine(db);
			expect(await callsOf(db, cadenceId)).toMatchObject([{ status: 'done' }, { status: 'done' }]);
			expect(await at(db, cadenceId)).toEqual([
				['completed', 'yes', 'completed'],
				['completed', 'yes', 'completed']
			]);
		}
	);
});
