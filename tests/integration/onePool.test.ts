import { sql } from 'drizzle-orm';
import { createDb, withOrg } from '../../src/lib/server/db/client.ts';
import { runBackgroundTask } from '../../src/lib/server/enrollments/runBackgroundTask.ts';
import { startBackgroundTask } from '../../src/lib/server/enrollments/startBackgroundTask.ts';
import { getImport } from '../../src/lib/server/imports/getImport.ts';
import { runImport } from '../../src/lib/server/imports/runImport.ts';
import { undoImport } from '../../src/lib/server/imports/undoImport.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { csv, importFile } from '../support/imports.ts';

test('RELIABILITY 2.6: bulk work asks for no second connection: it gets through with a pool of one', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const { orgId } = actor;
	const worker = createDb(db.urls.worker, { name: 'one', max: 1, waitMs: 1_000 });
	try {
		const content = csv('Last Name', 'One', 'Two');
		const done = await importFile({ ...db, worker }, actor, { moduleKey: 'leads', content });
		expect(done).toMatchObject({ status: 'done', created: 2 });

		const rows = await db.admin.execute<{ id: string }>(sql`select id from records where org_id = ${orgId}`);
		const input = {
			moduleKey: 'leads',
			ids: rows.map((row) => row.id),
			change: { kind: 'update', values: { city: 'Oslo' } }
		};
		const taskId = await withOrg(db.web, orgId, (tx) =>
			startBackgroundTask(tx, actor, 'updateRecords', input, 2)
		);
		await runBackgroundTask(worker, { orgId, taskId });
		const [task] = await db.admin.execute(
			sql`select status, result from background_tasks where id = ${taskId}`
		);
		expect(task).toEqual({ status: 'done', result: { changed: 2, unchanged: 0 } });

		await withOrg(db.web, orgId, (tx) => undoImport(tx, actor, done.id));
		await runImport(worker, { orgId, importId: done.id });
		expect(await withOrg(db.web, orgId, (tx) => getImport(tx, actor, done.id))).toMatchObject({
			status: 'undone'
		});
	} finally {
		await worker.$client.end({ timeout: 2 });
	}
});
