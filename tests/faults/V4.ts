import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { onActivate } from '../../src/lib/server/enrollments/onActivate.ts';
import { onDeactivate } from '../../src/lib/server/enrollments/onDeactivate.ts';
import { previewReenroll } from '../../src/lib/server/enrollments/previewReenroll.ts';
import { readStandings } from '../../src/lib/server/enrollments/readStandings.ts';
import { resumeEnrollments } from '../../src/lib/server/enrollments/resumeEnrollments.ts';
import { runBackgroundTask } from '../../src/lib/server/enrollments/runBackgroundTask.ts';
import { cloneDatabase, type TestDatabase } from '../support/clone.ts';
import { startTestCluster } from '../support/cluster.ts';
import { makeCadence, makeWorld, type World } from '../support/engineWorld.ts';
import { as, publishPlan } from '../support/liveRuns.ts';
import type { FaultCampaign } from './run.ts';
import { planWith, seedRuns, shares } from './V4/standings.ts';

/**
 * What the exclusive lock of a cadence with 100,000 records may cost everybody else. 30 since 2026-11-23: on two cores of
 * which others had most (load 7 to 11) going on took 10 s, publishing 19 s and stopping all of them 31 s; idle ones are
 * to need half of it.
 */
const mostSeconds = 30;

/**
 * VER-4, DEA-1, DEA-2, REE-2 on 100,000 live runs: counted by where they stand, then stopped, moved and kept as decided,
 * halted, let go on, stopped and resumed; every one of them ends where it should, and how long the lock was held.
 */
const campaign: FaultCampaign = async ({ args, say }) => {
	const n = Number(args.find((one) => one.startsWith('--n='))?.slice(4)) || 100_000;
	const cluster = await startTestCluster();
	const db = await cloneDatabase(cluster.adminUrl, cluster.port);
	const seconds: Record<string, number> = {};
	const wrong: string[] = [];
	const time = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
		const startedAt = performance.now();
		const result = await work();
		seconds[name] = Math.round((performance.now() - startedAt) / 10) / 100;
		say(`  ${name.padEnd(20)}${seconds[name].toFixed(2).padStart(8)} s`);
		return result;
	};
	const expect = (name: string, got: unknown, wanted: unknown) => {
		if (JSON.stringify(got) !== JSON.stringify(wanted))
			wrong.push(`${name}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
	};
	try {
		const world = await makeWorld(db);
		const plan = planWith(world);
		const made = await makeCadence(db, world, plan);
		const { cadenceId } = made;
		await time('seed', () => seedRuns(db, world, { ...made, n }));
		const of = (share: number) => (n * share) / 10;
		const next = planWith(world, { b: 'New B', c: 'New C', e: 'New E', wait: 5 });
		const { impact } = await time('preview', () =>
			as(db, world.actor, (tx) => readStandings(tx, world.orgId, { cadenceId, plan: next }))
		);
		expect(
			'preview',
			impact.actions.toSorted((a, b) => (a.actionId < b.actionId ? -1 : 1)),
			[
				{ actionId: 'b', count: of(shares.toB), movable: of(shares.toB) },
				{ actionId: 'c', count: of(shares.toC), movable: of(shares.toC) },
				{ actionId: 'e', count: of(shares.toE), movable: of(shares.toE) }
			]
		);
		expect('only wait', impact.waiting, of(shares.waits));
		await time('deactivate', () => setState(db, world, cadenceId, 'inactive'));
		expect('halted', await statuses(db, cadenceId), { paused: n });
		await time('activate: go on', () => setState(db, world, cadenceId, 'continue'));
		expect('going on', await statuses(db, cadenceId), { active: n });
		const effect = await time('publish', () =>
			publishPlan(db, world, cadenceId, next, {
				decisions: { b: 'move', c: 'stop', e: 'keep' },
				moveWaiting: true
			})
		);
		expect(
			'published',
			[effect.moved, effect.stopped, effect.kept],
			[of(shares.toB + shares.waits), of(shares.toC), of(shares.toE)]
		);
		const stopped = of(shares.toC);
		expect('after publish', await statuses(db, cadenceId), { active: n - stopped, stopped });
		expect('moved', await moved(db, cadenceId, effect.versionId), effect.moved);
		await time('deactivate again', () => setState(db, world, cadenceId, 'inactive'));
		await time('activate: stop', () => setState(db, world, cadenceId, 'stop'));
		expect('all stopped', await statuses(db, cadenceId), { stopped: n });
		expect('left open', await leftOpen(db, cadenceId), [0, 0]);
		const preview = await time('count resumable', () =>
			as(db, world.actor, (tx) => previewReenroll(tx, world.actor, { cadenceId, all: true }))
		);
		expect('can resume', preview.resume, n);
		await time('resume', async () => {
			const outcome = await as(db, world.actor, (tx) =>
				resumeEnrollments(tx, world.actor, { cadenceId, all: true })
			);
			if (outcome.kind === 'background')
				await runBackgroundTask(db.worker, { orgId: world.orgId, taskId: outcome.taskId });
		});
		expect('resumed', await statuses(db, cadenceId), { active: n });
		expect('open again', await leftOpen(db, cadenceId), [n - of(shares.queued), of(shares.queued)]);
		for (const name of ['deactivate', 'activate: go on', 'publish', 'activate: stop'])
			if ((seconds[name] ?? 0) > mostSeconds * Math.max(1, n / 100_000))
				wrong.push(`${name} took ${seconds[name]} s`);
		for (const line of wrong) say(`  ${line}`);
		return { passed: wrong.length === 0, figures: { runs: n, seconds, wrong: wrong.length } };
	} finally {
		await db.drop();
		await cluster.stop();
	}
};
export default campaign;

/** As activating and deactivating do: the lock, the state, what becomes of the runs, in one transaction. */
const setState = (db: TestDatabase, world: World, cadenceId: string, to: 'inactive' | 'stop' | 'continue') =>
	withOrg(db.web, world.orgId, async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(app.cadence_lock(${cadenceId}))`);
		const state = to === 'inactive' ? 'inactive' : 'active';
		await tx.execute(sql`update cadences set state = ${state} where id = ${cadenceId}::uuid`);
		if (to === 'inactive') await onDeactivate(tx, world.actor, { cadenceId });
		else await onActivate(tx, world.actor, { cadenceId, halted: to });
	});

async function statuses(db: TestDatabase, cadenceId: string): Promise<Record<string, number>> {
	const rows = await db.admin.execute<{ status: string; n: number }>(sql`
		select status, count(*)::int as n from enrollments where cadence_id = ${cadenceId}::uuid group by 1 order by 1`);
	return Object.fromEntries(rows.map((row) => [row.status, row.n]));
}

async function moved(db: TestDatabase, cadenceId: string, versionId: string): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(sql`
		select count(*)::int as n from enrollments e where cadence_id = ${cadenceId}::uuid and version_id = ${versionId}::uuid
			and exists (select 1 from events v where v.enrollment_id = e.id and v.kind = 'moved')`);
	return row!.n;
}

/** Open activities and queued messages. */
async function leftOpen(db: TestDatabase, cadenceId: string): Promise<[number, number]> {
	const [row] = await db.admin.execute<{ a: number; m: number }>(sql`
		select (select count(*)::int from activities where cancelled_at is null) as a,
			(select count(*)::int from messages where cadence_id = ${cadenceId}::uuid and status = 'queued') as m`);
	return [row!.a, row!.m];
}
