import { ok, strictEqual } from 'node:assert';
import { sql, type SQL } from 'drizzle-orm';
import type { Criteria } from '../../../src/lib/domain/criteria/criteria.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { countRecords } from '../../../src/lib/server/records/countRecords.ts';
import { listRecords } from '../../../src/lib/server/records/listRecords.ts';
import type { TestDatabase } from '../../support/clone.ts';
import type { World } from '../../support/engineWorld.ts';
import { median } from '../support/median.ts';

export const threeConditions: Criteria = {
	all: [
		{ field: 'country', op: 'is', value: 'Country 7' },
		{ field: 'employees', op: 'gt', value: 500 },
		{ field: 'leadStatus', op: 'isNot', value: 'Lost' }
	]
};
/** Found many times, by hundreds and once. */
export const searches = (n: number): string[] => ['lea', '777', `lead ${n - 11}`];

type Timed = { ms: number; ratio: number };

/** Ours and the bare statement in turns; the medians, and the median of the turns' ratios. */
async function against(
	ours: () => Promise<unknown>,
	bare: () => Promise<unknown>,
	turns: number
): Promise<Timed> {
	await ours();
	await bare();
	const took: { ours: number; bare: number }[] = [];
	for (let turn = 0; turn < turns; turn += 1) took.push({ ours: await timed(ours), bare: await timed(bare) });
	return {
		ms: median(took.map((one) => one.ours)),
		ratio: median(took.map((one) => one.ours / one.bare))
	};
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
	const startedAt = performance.now();
	await work();
	return performance.now() - startedAt;
}

/** Times on the server, from the request's transaction to its commit, as the web's role and by its pool. */
export async function measureLists(db: TestDatabase, world: World, n: number, turns: number) {
	const { actor, orgId, moduleId } = world;
	const list = (input: { cursor?: string | null; search?: string }) =>
		withOrg(db.web, orgId, (tx) => listRecords(tx, actor, { moduleKey: 'leads', limit: 50, ...input }));
	const living = sql`r.org_id = ${orgId}::uuid and r.module_id = ${moduleId}::uuid and r.deleted_at is null`;
	const bare = (where: SQL) => () =>
		db.admin.execute(
			sql`select * from records r where ${living} and ${where} order by r.created_at desc, r.id desc limit 51`
		);
	const first = await against(() => list({}), bare(sql`true`), turns);

	let cursor: string | null = null;
	let last: { id: string; createdAt: Date } | undefined;
	const seen = new Set<string>();
	for (let page = 1; page < 100; page += 1) {
		const { rows, nextCursor }: Awaited<ReturnType<typeof list>> = await list({ cursor });
		for (const { id } of rows) seen.add(id);
		[cursor, last] = [nextCursor, rows.at(-1)];
	}
	strictEqual(seen.size, 99 * 50, 'Pages hold every record once.');
	const page100 = await against(
		() => list({ cursor }),
		bare(sql`(r.created_at, r.id) < (${last!.createdAt.toISOString()}::timestamptz, ${last!.id}::uuid)`),
		turns
	);

	const found: Timed[] = [];
	for (const search of searches(n)) {
		ok((await list({ search })).rows.length > 0, `"${search}" is found.`);
		found.push(await against(() => list({ search }), bare(sql`r.search like ${`%${search}%`}`), turns));
	}
	// The slowest of the three stands for search.
	const search = found.toSorted((a, b) => b.ms - a.ms)[0]!;

	const [expected] = await db.admin.execute<{ n: number }>(bareCount(living));
	const count = () =>
		withOrg(db.web, orgId, (tx) =>
			countRecords(tx, actor, { moduleKey: 'leads', criteria: threeConditions })
		);
	strictEqual((await count()).count, expected!.n);
	const counted = await against(count, () => db.admin.execute(bareCount(living)), Math.min(turns, 5));
	return { cursor, first, page100, search, counted };
}

const bareCount = (living: SQL) => sql`
	select count(*)::int as n from records r where ${living} and r.data ->> 'country' = 'Country 7'
		and (r.data ->> 'employees')::numeric > 500 and coalesce(r.data ->> 'leadStatus', '') <> 'Lost'`;
