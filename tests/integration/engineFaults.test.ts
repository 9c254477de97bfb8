import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { recordResponses } from '../../src/lib/server/engine/recordResponses.ts';
import { startEngine } from '../../src/lib/server/engine/loop.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { describe, expect, test, type TestDatabase } from '../support/db.ts';
import {
	branch,
	email,
	makeCadence,
	makeLeads,
	makeWorld,
	minutes,
	planOf,
	runEngine,
	runsOf,
	task
} from '../support/engineWorld.ts';
import { passIn } from '../support/startPass.ts';

/** Everything a cadence left behind, as counts that do not depend on who did it. */
const historyOf = async (db: TestDatabase, cadenceId: string) => {
	const rows = await db.admin.execute(sql`
		select 'event ' || kind || ' ' || coalesce(action_id, '') || ' ' || coalesce(detail, '') || ' ' || first as what, count(*)::int as n
		from events where cadence_id = ${cadenceId} group by 1
		union all select 'delta ' || kind || ' ' || action_id || ' ' || detail || ' ' || first, sum(count)::int
		from report_deltas where cadence_id = ${cadenceId} group by 1
		union all select 'run ' || status || ' ' || coalesce(end_reason, ''), count(*)::int
		from enrollments where cadence_id = ${cadenceId} group by 1
		union all select 'message ' || status, count(*)::int from messages where cadence_id = ${cadenceId} group by 1
		union all select 'activity ' || t.action_id, count(*)::int from activities t
			join enrollments e on e.id = t.enrollment_id where e.cadence_id = ${cadenceId} group by 1
		order by 1`);
	return rows.map((row) => `${String(row.what)}: ${String(row.n)}`);
};

describe('faults', () => {
	const points = [
		'advance.claimed:1',
		'advance.checked:1',
		'advance.moved:2',
		'advance.written:1',
		'advance.written:3',
		'responses.claimed:1',
		'responses.written:2'
	];

	// Seven processes are started and killed.
	const timeout = 120_000;
	test(
		'E2, EXE-1: killed at any point and started again, the history is the one of an undisturbed run',
		{ timeout },
		async ({ db }) => {
			const world = await makeWorld(db);
			const plan = planOf([
				task('a', [branch('a', { response: 'created' }, 'mail')]),
				email('mail', [branch('mail', { response: 'sent' }, 'b')], { templateId: world.templateId }),
				task('b')
			]);
			const histories: string[][] = [];
			const signals: (NodeJS.Signals | null)[] = [];
			for (const point of [null, ...points]) {
				const { cadenceId } = await makeCadence(db, world, plan);
				const ids = await makeLeads(
					db,
					world,
					Array.from({ length: 60 }, (_, i) => ({ data: { email: `p${i}@b.example` } }))
				);
				await withOrg(db.web, world.orgId, (tx) =>
					enrollRecords(tx, world.actor, { cadenceId, records: { ids } })
				);
				if (point?.startsWith('advance')) signals.push(await passIn(db.urls.worker, point));
				await runEngine(db);
				const runs = await runsOf(db, cadenceId);
				await recordResponses(
					db.worker,
					runs.map((run) => ({
						orgId: world.orgId,
						enrollmentId: run.id,
						runNo: 1,
						actionId: 'mail',
						kind: 'sent' as const
					}))
				);
				if (point?.startsWith('responses')) signals.push(await passIn(db.urls.worker, point));
				await runEngine(db);
				histories.push(await historyOf(db, cadenceId));
			}
			expect(signals).toEqual(points.map(() => 'SIGKILL'));
			expect(histories[0]).toContain('run completed completed: 60');
			expect(histories[0]).toContain('activity b: 60');
			for (const history of histories) expect(history).toEqual(histories[0]);
		}
	);

	test('E5, E6: a loop that sleeps wakes for what becomes due, and outlives its connections being cut', async ({
		db
	}) => {
		const world = await makeWorld(db);
		const { cadenceId } = await makeCadence(
			db,
			world,
			planOf([task('a', [branch('a', { response: 'created' }, 'b', minutes(1))]), task('b')])
		);
		const errors: unknown[] = [];
		const engine = startEngine(db.worker, {
			log: { error: (...args: unknown[]) => void errors.push(args) },
			maxSleepMs: 300
		});
		try {
			const ids = await makeLeads(db, world, [{}, {}]);
			await withOrg(db.web, world.orgId, (tx) =>
				enrollRecords(tx, world.actor, { cadenceId, records: { ids } })
			);
			engine.wake();
			await expect
				.poll(async () => (await runsOf(db, cadenceId)).map((run) => run.current_action_id))
				.toEqual(['a', 'a']);
			await db.admin.execute(sql`
				select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'app_worker'`);
			await db.admin.execute(sql`update app.clock set shift = '2 minutes'`);
			await expect
				.poll(async () => (await runsOf(db, cadenceId)).map((run) => run.status), { timeout: 15_000 })
				.toEqual(['completed', 'completed']);
		} finally {
			await engine.stop();
			await db.admin.execute(sql`update app.clock set shift = '0'`);
		}
	});
});
