import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { createDb, withOrg } from '../../src/lib/server/db/client.ts';
import { runBackgroundTask } from '../../src/lib/server/enrollments/runBackgroundTask.ts';
import { startBackgroundTask } from '../../src/lib/server/enrollments/startBackgroundTask.ts';
import { createImport } from '../../src/lib/server/imports/createImport.ts';
import { getImport } from '../../src/lib/server/imports/getImport.ts';
import { runImport } from '../../src/lib/server/imports/runImport.ts';
import { startImport } from '../../src/lib/server/imports/startImport.ts';
import { undoImport } from '../../src/lib/server/imports/undoImport.ts';
import { lastingReason } from '../../src/lib/server/lastingReason.ts';
import { endLostWork } from '../../src/lib/server/operations/endLostWork.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';
import { as, csv, importFile } from '../support/imports.ts';

const startTask = (db: TestDatabase, actor: Actor, input: Record<string, unknown>) =>
	withOrg(db.web, actor.orgId, (tx) => startBackgroundTask(tx, actor, 'enroll', input, 1));
const taskOf = async (db: TestDatabase, id: string) => {
	const [row] = await db.admin.execute<{ status: string; error: string | null }>(
		sql`select status, error from background_tasks where id = ${id}`
	);
	return row;
};
const told = async (db: TestDatabase, actor: Actor) => {
	const rows = await db.admin.execute<{ title: string }>(
		sql`select title from notifications where user_id = ${actor.userId} order by title`
	);
	return rows.map((row) => row.title);
};
async function startFile(db: TestDatabase, actor: Actor): Promise<string> {
	const run = as(db, actor);
	const input = { moduleKey: 'leads', fileName: 'file.csv', content: csv('Last Name', 'One') };
	const { id, suggested } = await run((tx) => createImport(tx, actor, input));
	await run((tx) => startImport(tx, actor, { importId: id, mapping: suggested }));
	return id;
}

test('RELIABILITY 2.6: bulk work whose stored input is damaged ends at once, and its starter is told', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const { orgId } = actor;
	const damaged = [{ cadenceId: 'none', ids: ['x'] }, { ids: 5 }, { enrollmentIds: { not: 'a list' } }];
	for (const input of damaged) {
		const taskId = await startTask(db, actor, input);
		await runBackgroundTask(db.worker, { orgId, taskId });
		expect(await taskOf(db, taskId)).toEqual({
			status: 'failed',
			error: 'It was stopped by a fault on our side. What was done before stays as it is.'
		});
	}
	expect(await told(db, actor)).toEqual(damaged.map(() => 'Enroll stopped'));
});

test('CRM-4: a damaged file, or taking back for somebody who left, ends at once, and its starter is told', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const { orgId } = actor;
	const read = (id: string) => as(db, actor)((tx) => getImport(tx, actor, id));
	const importId = await startFile(db, actor);
	await db.admin.execute(
		sql`update imports set content = substr(content, 1, 12) where id = ${importId} and substr(content, 1, 1) = '\\x1f'`
	);
	await runImport(db.worker, { orgId, importId });
	expect(await read(importId)).toMatchObject({
		status: 'failed',
		error: expect.stringContaining('fault on our side')
	});

	const done = await importFile(db, actor, { moduleKey: 'leads', content: csv('Last Name', 'Two') });
	await as(db, actor)((tx) => undoImport(tx, actor, done.id));
	await db.admin.execute(sql`update users set active = false where id = ${actor.userId}`);
	await runImport(db.worker, { orgId, importId: done.id });
	await db.admin.execute(sql`update users set active = true where id = ${actor.userId}`);
	expect(await read(done.id)).toMatchObject({
		status: 'done',
		error: 'It could not be taken back: Whoever started it is no longer active.'
	});
	expect(await told(db, actor)).toEqual([
		'Import failed: file.csv',
		'Import finished: file.csv',
		'Import not taken back: file.csv'
	]);
});

test('RELIABILITY 2.6: long work goes on after a database that was away, or lacked a table', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const { orgId } = actor;
	const importId = await startFile(db, actor);
	const taskId = await startTask(db, actor, { ids: [] });
	const away = createDb(db.urls.worker.replace(/:\d+\//, ':1/'), { name: 'away', max: 1, waitMs: 500 });
	await expect(runBackgroundTask(away, { orgId, taskId })).rejects.toThrow();
	await expect(runImport(away, { orgId, importId })).rejects.toThrow();
	await away.$client.end({ timeout: 1 });
	const missing = await db.worker.execute(sql`select from not_there_yet`).catch((error: unknown) => error);
	expect(lastingReason(missing)).toBeNull();
	expect(await taskOf(db, taskId)).toMatchObject({ status: 'queued' });
	await runImport(db.worker, { orgId, importId });
	expect(await as(db, actor)((tx) => getImport(tx, actor, importId))).toMatchObject({ status: 'done' });
});

test('OPS-3: work whose job gave up or is gone is ended by the sweep, and its starter is told; other work is left', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const input = { ids: [] };
	const start = () => startTask(db, actor, input);
	const [gone, gaveUp, running, waiting] = [await start(), await start(), await start(), await start()];
	await startFile(db, actor);
	const undoing = await startFile(db, actor);
	await runImport(db.worker, { orgId: actor.orgId, importId: undoing });
	await as(db, actor)((tx) => undoImport(tx, actor, undoing));
	await db.admin.execute(sql`delete from graphile_worker._private_jobs where key = ${`task:${gone}`}`);
	await db.admin.execute(sql`
		update graphile_worker._private_jobs set attempts = max_attempts
		where key = any(${sql.param([gaveUp, running].map((id) => `task:${id}`))}::text[]) or key like 'import:%'`);
	await db.admin.execute(sql`
		update graphile_worker._private_jobs set locked_at = now(), locked_by = 'one' where key = ${`task:${running}`}`);

	await endLostWork(db.worker);
	for (const id of [gone, gaveUp]) expect(await taskOf(db, id)).toMatchObject({ status: 'queued' });

	await db.admin.execute(
		sql`update graphile_worker._private_jobs set updated_at = now() - interval '6 minutes'`
	);
	await db.admin.execute(sql`update background_tasks set created_at = now() - interval '6 minutes'`);
	await db.admin.execute(sql`update imports set created_at = now() - interval '6 minutes'`);
	await endLostWork(db.worker);
	await endLostWork(db.worker);
	for (const id of [gone, gaveUp]) expect(await taskOf(db, id)).toMatchObject({ status: 'failed' });
	for (const id of [running, waiting]) expect(await taskOf(db, id)).toMatchObject({ status: 'queued' });
	expect(await told(db, actor)).toEqual([
		'Enroll stopped',
		'Enroll stopped',
		'Import failed: file.csv',
		'Import finished: file.csv',
		'Import not taken back: file.csv'
	]);
});
