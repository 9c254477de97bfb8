import { ok, strictEqual } from 'node:assert';
import { sql } from 'drizzle-orm';
import type { Criteria } from '../../../src/lib/domain/criteria/criteria.ts';
import { compileCriteria } from '../../../src/lib/server/criteria/compileCriteria.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { drainRecordChanges } from '../../../src/lib/server/engine/drainRecordChanges.ts';
import { startEngine } from '../../../src/lib/server/engine/loop.ts';
import { getModule } from '../../../src/lib/server/modules/getModule.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { makeCadence, makeView, planOf, task, type World } from '../../support/engineWorld.ts';
import { median } from '../support/median.ts';
import { latenessOf, p95 } from './lateness.ts';
import { insertRuns, makeBenchCadence, makeBenchWorld, seedLeads, seedRuns, taskChain } from './world.ts';

/** Loading a million rows takes a third of the time when its indexes are made afterwards; they are the same then. */
const heavy = ['records_search_idx', 'records_tags_idx', 'records_owner_idx', 'records_modified_idx'];

/** An organization with `n` leads. Search by parts of words is the longest to build and left out unless it is measured. */
export async function seedMillion(db: TestDatabase, n: number, withSearch = false): Promise<World> {
	const world = await makeBenchWorld(db);
	const indexes = await db.admin.execute<{ name: string; made: string }>(sql`
		select indexname as name, indexdef as made from pg_indexes where indexname = any(${sql.param(heavy)}::text[])`);
	for (const { name } of indexes) await db.admin.execute(sql.raw(`drop index ${name}`));
	const chunk = 100_000;
	for (let from = 0; from < n; from += chunk)
		await seedLeads(db, world, Math.min(chunk, n - from), from, false);
	for (const { name, made } of indexes)
		if (withSearch || name !== 'records_search_idx') await db.admin.execute(sql.raw(made));
	await db.admin.execute(sql`vacuum analyze records`);
	return world;
}

/** Their references are looked up by nobody while they are loaded: three million look-ups would take minutes. */
export async function seedWaiting(db: TestDatabase, world: World, n: number): Promise<void> {
	const cadence = await makeBenchCadence(db, world, taskChain(1));
	await db.admin.transaction(async (tx) => {
		await tx.execute(sql`set local session_replication_role = replica`);
		await insertRuns(tx, world, cadence, { n, due: '30 * 86400.0', log: false });
	});
	await db.admin.execute(sql`vacuum analyze enrollments`);
}

/** Fifty views over three fields, about two in a thousand leads in each, and a cadence on every one. */
export async function makeViews(db: TestDatabase, world: World, views: number): Promise<Criteria[]> {
	const all = Array.from({ length: views }, (_, i): Criteria => ({
		all: [
			{ field: 'country', op: 'in', value: [`Country ${i % 53}`, `Country ${(i + 7) % 53}`] },
			{ field: 'employees', op: 'between', value: [i * 10, i * 10 + 60] },
			{ field: 'leadStatus', op: 'isNot', value: 'Lost' }
		]
	}));
	for (const criteria of all) {
		const viewId = await makeView(db, world, criteria);
		await makeCadence(db, world, planOf([task('step1')]), { viewId });
	}
	return all;
}

/**
 * `changed` leads through all views, as a worker takes them that has compiled the views before (median of five times,
 * other leads each time), against every view over every lead.
 */
export async function changedViewsRatio(
	db: TestDatabase,
	world: World,
	views: readonly Criteria[],
	changed: number
): Promise<number> {
	const change = (n: number, offset: number) =>
		db.admin.execute(sql`
			update records set data = data || '{"rating": "Warm"}', modified_at = now()
			where (org_id, id) in (select org_id, id from records where org_id = ${world.orgId} order by id
				offset ${offset} limit ${n})`);
	await change(1, 5 * changed);
	strictEqual(await drainRecordChanges(db.worker), 1);
	const times: number[] = [];
	for (let n = 0; n < 5; n++) {
		await change(changed, n * changed);
		const startedAt = performance.now();
		let taken = 0;
		for (let some = 1; some > 0; taken += some) some = await drainRecordChanges(db.worker);
		times.push(performance.now() - startedAt);
		strictEqual(taken, changed);
	}
	const module = await withOrg(db.owner, world.orgId, (tx) => getModule(tx, 'leads'));
	const fullFrom = performance.now();
	let matches = 0;
	for (const criteria of views) {
		const [row] = await db.worker.execute<{ n: number }>(sql`
			select count(*)::int as n from records r where r.org_id = ${world.orgId}::uuid
				and r.module_id = ${world.moduleId}::uuid and r.deleted_at is null
				and ${compileCriteria(criteria, module, { orgTimeZone: 'Europe/Paris' })}`);
		matches += row!.n;
	}
	ok(matches > 0);
	const [enrolled] = await db.admin.execute<{ n: number }>(sql`
		select count(*)::int as n from enrollments e join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
		join cadence_versions v on v.org_id = c.org_id and v.id = c.active_version_id
		where e.source = 'view' and v.plan -> 'nodes' -> 'step1' -> 'branches' = '[]' and e.enrolled_at > now() - interval '10 minutes'`);
	ok(enrolled!.n > 0, 'Changed leads came into cadences of the views they are in.');
	return median(times) / (performance.now() - fullFrom);
}

/**
 * The clock is put forward by a month, so that all waiting runs are due at once; a small cadence then has one run due
 * every 40 ms. @returns p95 of the small one's lateness in ms
 */
export async function measureStarvation(db: TestDatabase, world: World, seconds: number): Promise<number> {
	await db.admin.execute(sql`update app.clock set shift = interval '31 days'`);
	const small = await makeBenchCadence(db, world, taskChain(1));
	const n = seconds * 25;
	await seedRuns(db, world, small, { n, due: '2 + i * 0.04' });
	const before = await executed(db);
	const engine = startEngine(db.worker, { log: { error: (problem: unknown) => console.error(problem) } });
	await new Promise((done) => setTimeout(done, (seconds + 4) * 1000));
	await engine.stop();
	const done = (await executed(db)) - before;
	const late = await latenessOf(db, small.cadenceId);
	strictEqual(late.length, n, 'All of the small cadence was done while the large one went on.');
	ok(done > n, 'The large one went on meanwhile.');
	await db.admin.execute(sql`update app.clock set shift = '0'`);
	return p95(late);
}

async function executed(db: TestDatabase): Promise<number> {
	const [row] = await db.admin.execute<{ n: number }>(sql`select count(*)::int as n from action_runs`);
	return row!.n;
}
