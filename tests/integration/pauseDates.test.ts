import { sql } from 'drizzle-orm';
import { createDb, withOrg } from '../../src/lib/server/db/client.ts';
import { sweepEngine } from '../../src/lib/server/engine/sweep.ts';
import { pauseEnrollments } from '../../src/lib/server/enrollments/pauseEnrollments.ts';
import { shiftClock } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { branch, makeLeads, makeWorld, planOf, runsOf, start, task } from '../support/engineWorld.ts';

test('ENR-8: whether the end of a pause lies ahead is said by the clock that ends it', async ({ db }) => {
	const world = await makeWorld(db);
	const plan = planOf([task('a', [branch('a', { response: 'overdue' }, 'b')]), task('b')]);
	const cadenceId = await start(db, world, plan, await makeLeads(db, world, [{}]));
	const [run] = await runsOf(db, cadenceId);
	const pauseFor = (days: number) =>
		withOrg(db.web, world.orgId, (tx) =>
			pauseEnrollments(tx, world.actor, {
				enrollmentIds: [run!.id],
				until: new Date(Date.now() + days * 86_400_000).toISOString()
			})
		);
	try {
		await shiftClock(db, '2 days');
		await expect(pauseFor(1)).rejects.toMatchObject({ code: 'invalid', pointer: '/until' });
		await expect(pauseFor(4000)).rejects.toMatchObject({ code: 'invalid' });
		expect(await pauseFor(3)).toEqual({ kind: 'done', paused: 1 });
		await shiftClock(db, '-2 days');
		expect(await pauseFor(-1)).toMatchObject({ kind: 'done' });
	} finally {
		await shiftClock(db, '0');
	}
});

test('RELIABILITY 2.6, ENR-8: an organization whose cadence is locked for too long keeps no other paused, and the rest is swept', async ({
	db
}) => {
	const plan = planOf([task('a', [branch('a', { response: 'overdue' }, 'b')]), task('b')]);
	const cadences: string[] = [];
	const until = new Date(Date.now() + 3_600_000);
	for (let n = 0; n < 2; n++) {
		const world = await makeWorld(db);
		const cadenceId = await start(db, world, plan, await makeLeads(db, world, [{}]));
		const enrollmentIds = (await runsOf(db, cadenceId)).map((run) => run.id);
		await withOrg(db.web, world.orgId, (tx) => pauseEnrollments(tx, world.actor, { enrollmentIds, until }));
		await db.admin.execute(sql`
			insert into responses (org_id, enrollment_id, run_no, action_id, kind, at)
			values (${world.orgId}, app.new_id(), 1, 'a', 'replied', app.now() - interval '2 hours')`);
		cadences.push(cadenceId);
	}
	// The one that is looked at first.
	const [first] = await db.admin.execute<{ id: string }>(
		sql`select cadence_id as id from enrollments where cadence_id = any(${sql.param(cadences)}::uuid[]) order by enrollments.id limit 1`
	);
	const statuses = async () =>
		(await Promise.all(cadences.map((id) => runsOf(db, id)))).flat().map((run) => run.status);
	const worker = createDb(db.urls.worker, { name: 'test-sweep', lockTimeoutMs: 100 });
	try {
		await shiftClock(db, '2 hours');
		await db.admin.transaction(async (tx) => {
			await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${first!.id}::uuid))`);
			await expect(sweepEngine(worker)).rejects.toMatchObject({ cause: { code: '55P03' } });
			expect(await statuses()).toEqual(cadences.map((id) => (id === first!.id ? 'paused' : 'active')));
			expect([...(await db.admin.execute(sql`select from responses`))]).toEqual([]);
		});
		await sweepEngine(worker);
		expect(await statuses()).toEqual(['active', 'active']);
	} finally {
		await worker.$client.end({ timeout: 5 });
		await shiftClock(db, '0');
	}
});
