import { deepStrictEqual } from 'node:assert';
import { type everything } from '../../src/lib/domain/criteria/criteria.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { listRecords } from '../../src/lib/server/records/listRecords.ts';
import { createView } from '../../src/lib/server/views/createView.ts';
import { cloneDatabase, type TestDatabase } from '../support/clone.ts';
import { startTestCluster } from '../support/cluster.ts';
import { useConfig } from '../support/config.ts';
import type { World } from '../support/engineWorld.ts';
import { measureEnroll, measureImport } from './crm/bulk.ts';
import { measureLists, searches, threeConditions } from './crm/lists.ts';
import { explainAll, nodesOf, sequentialScans } from './crm/plans.ts';
import { watchMemory } from './engine/memory.ts';
import { seedMillion } from './engine/million.ts';
import { clusterSettings } from './engine/world.ts';
import type { Bench, BenchContext } from './run.ts';

const full = { records: 1_000_000, bulk: 100_000, turns: 15 };
const quick: typeof full = { records: 20_000, bulk: 2_000, turns: 5 };

/**
 * The CRM with a million leads: times on the server of list, search, count, bulk enrollment and import, each beside the
 * bare SQL of the same work in the same run; plans of what lists run are refused when they read a large table whole.
 * `--quick`: small sizes, which say nothing about speed. `--records=N` and `--bulk=N` choose them.
 */
const bench: Bench = async (context) => {
	const sizes = { ...(context.args.includes('--quick') ? quick : full), ...chosenSizes(context.args) };
	const cluster = await startTestCluster({ durable: true, settings: clusterSettings });
	const { drop, ...db } = await cloneDatabase(cluster.adminUrl, cluster.port);
	useConfig(db.urls, { ALLOW_LOSSY_DATABASE: 'false', LOG_LEVEL: 'warn' });
	const memory = watchMemory();
	try {
		context.log(`Seeding ${sizes.records} leads`);
		const world = await seedMillion(db, sizes.records, true);
		context.log('Lists');
		const lists = await measureLists(db, world, sizes.records, sizes.turns);
		await checkPlans(db, world, sizes.records, lists.cursor, context);
		context.log('Bulk enrollment');
		const enroll = await measureEnroll(db, world, sizes.bulk, sizes.records);
		context.log('Import');
		const imported = await measureImport(db, world, sizes.bulk);
		const table = [
			['firstPage', 'list, first page', lists.first],
			['page100', 'list, page 100', lists.page100],
			['search', 'search, slowest of three', lists.search],
			['count', 'count of three conditions', lists.counted],
			['enroll100k', `enroll ${sizes.bulk}`, enroll],
			['import100k', `import ${sizes.bulk} rows`, imported]
		] as const;
		context.say(`${''.padEnd(28)}${'ms'.padStart(9)}${'x bare SQL'.padStart(12)}`);
		for (const [, label, { ms, ratio }] of table)
			context.say(`${label.padEnd(28)}${ms.toFixed(1).padStart(9)}${ratio.toFixed(2).padStart(12)}`);
		context.say(`peak memory of the process ${memory.peakMb()} MB`);
		return {
			records: sizes.records,
			...Object.fromEntries(
				table.flatMap(([key, , { ms, ratio }]) => [
					[`${key}Ms`, Number(ms.toFixed(1))],
					[`${key}Ratio`, Number(ratio.toFixed(2))]
				])
			),
			appPeakMb: memory.peakMb()
		};
	} finally {
		memory.stop();
		await drop();
		await cluster.stop();
	}
};
export default bench;

/** `--records=50000`: at least so many that there is a page 100, and no more bulk than records. */
function chosenSizes(args: readonly string[]): Partial<typeof full> {
	const given = (name: string) =>
		Number(args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? 0);
	const [records, bulk] = [given('records'), given('bulk')];
	if (!records) return bulk ? { bulk } : {};
	const all = Math.max(records, 10_000);
	return { records: all, bulk: Math.min(bulk || all / 10, all) };
}

/** First page, page 100, search, and two views: none reads the records as a whole. */
async function checkPlans(
	db: TestDatabase,
	{ actor, orgId }: World,
	n: number,
	cursor: string | null,
	{ say }: BenchContext
): Promise<void> {
	const view = (name: string, criteria: typeof everything) =>
		withOrg(db.web, orgId, (tx) =>
			createView(tx, actor, {
				moduleKey: 'leads',
				name,
				criteria,
				columns: ['name'],
				sort: { field: 'createdAt', direction: 'desc' },
				shared: true
			})
		);
	const today = await view('Since yesterday', { field: 'createdAt', op: 'lastDays', value: 2 });
	const three = await view('Three conditions', threeConditions);
	const shown = {
		'first page': {},
		'page 100': { cursor },
		...Object.fromEntries(searches(n).map((search) => [`search "${search}"`, { search }])),
		'view by date': { viewId: today.id },
		'view of three conditions': { viewId: three.id }
	};
	for (const [label, input] of Object.entries(shown)) {
		const plans = await explainAll(db, orgId, (tx) =>
			listRecords(tx, actor, { moduleKey: 'leads', limit: 50, ...input })
		);
		deepStrictEqual(sequentialScans(plans), [], `${label} reads no table as a whole`);
		say(`${label.padEnd(28)} ${nodesOf(plans)}`);
	}
}
