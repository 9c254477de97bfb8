import { ok, strictEqual } from 'node:assert';
import { sql } from 'drizzle-orm';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import { runBackgroundTask } from '../../../src/lib/server/enrollments/runBackgroundTask.ts';
import { createImport } from '../../../src/lib/server/imports/createImport.ts';
import { getImport } from '../../../src/lib/server/imports/getImport.ts';
import { runImport } from '../../../src/lib/server/imports/runImport.ts';
import { startImport } from '../../../src/lib/server/imports/startImport.ts';
import { getBackgroundTask } from '../../../src/lib/server/shell/getBackgroundTask.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { makeCadence, type World } from '../../support/engineWorld.ts';
import { insertRuns, taskChain } from '../engine/world.ts';
import { timed } from './lists.ts';

/**
 * "Enroll all N of this view": choosing the records, handing them to the worker, and its chunks, until the last is in.
 * Beside it the bare statement that writes the same rows.
 */
export async function measureEnroll(db: TestDatabase, world: World, n: number, of: number) {
	const { actor, orgId } = world;
	const { cadenceId } = await makeCadence(db, world, taskChain(2));
	// Every thousandth part of the leads has each number of employees.
	const criteria = { field: 'employees', op: 'lt' as const, value: Math.round((n / of) * 1000) };
	const ms = await timed(async () => {
		const outcome = await withOrg(db.web, orgId, (tx) =>
			enrollRecords(tx, actor, { cadenceId, records: { filter: { criteria } } })
		);
		ok(outcome.kind === 'background');
		strictEqual(outcome.total, n);
		await runBackgroundTask(db.worker, { orgId, taskId: outcome.taskId });
		const task = await withOrg(db.web, orgId, (tx) => getBackgroundTask(tx, actor, outcome.taskId));
		strictEqual(JSON.stringify(task.result), JSON.stringify({ skipped: {}, enrolled: n }));
	});
	const bareCadence = await makeCadence(db, world, taskChain(2));
	const bare = await timed(() => insertRuns(db.admin, world, bareCadence, { n }));
	return { ms, ratio: ms / bare };
}

/** A file as marketing sends one: names, addresses, numbers, picklists, an owner by name, some blanks. */
function csvOf(n: number, offset: number): Uint8Array {
	const lines = ['First Name,Last Name,Email,Phone,Company,City,Country,Lead Status,Employees,Tags'];
	for (let i = offset; i < offset + n; i += 1)
		lines.push(
			`Noor,Import ${i},import${i}@reader.example,+49301${String(1_000_000 + i)},"Company, ${i % 977}",Town ${i % 331},Country ${i % 53},New,${i % 1000},${i % 3 ? '' : 'fair'}`
		);
	return new TextEncoder().encode(lines.join('\r\n'));
}

/** Upload, reading, mapping as suggested with duplicates by e-mail, and the worker's chunks, beside a bare insert. */
export async function measureImport(db: TestDatabase, world: World, n: number) {
	const { actor, orgId, moduleId } = world;
	const content = csvOf(n, 0);
	const ms = await timed(async () => {
		const importId = await withOrg(db.web, orgId, async (tx) => {
			const { id, suggested } = await createImport(tx, actor, {
				moduleKey: 'leads',
				fileName: 'fair.csv',
				content
			});
			const duplicates = { field: 'email', action: 'skip' as const };
			await startImport(tx, actor, { importId: id, mapping: { ...suggested, duplicates } });
			return id;
		});
		await runImport(db.worker, { orgId, importId });
		const done = await withOrg(db.web, orgId, (tx) => getImport(tx, actor, importId));
		strictEqual(JSON.stringify([done.status, done.created, done.failed]), JSON.stringify(['done', n, 0]));
	});
	const bare = await timed(() =>
		db.admin.execute(sql`
			insert into records (org_id, id, module_id, name, owner_id, data, search)
			select ${orgId}::uuid, app.new_id(), ${moduleId}::uuid, 'Noor Bare ' || i, ${actor.userId}::uuid,
				jsonb_build_object('firstName', 'Noor', 'lastName', 'Bare ' || i, 'email', 'bare' || i || '@reader.example',
					'phone', '+49301' || (1000000 + i), 'company', 'Company, ' || i % 977, 'city', 'Town ' || i % 331,
					'country', 'Country ' || i % 53, 'leadStatus', 'New', 'employees', i % 1000),
				'noor bare ' || i || ' bare' || i || '@reader.example company, ' || i % 977 || ' +49301' || (1000000 + i)
			from generate_series(1, ${n}::int) i`)
	);
	return { ms, ratio: ms / bare };
}
