import { sql } from 'drizzle-orm';
import { getImport } from '../../src/lib/server/imports/getImport.ts';
import { runImport } from '../../src/lib/server/imports/runImport.ts';
import { undoImport } from '../../src/lib/server/imports/undoImport.ts';
import { createRecords } from '../../src/lib/server/records/createRecords.ts';
import { updateRecord } from '../../src/lib/server/records/updateRecord.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { as, csv, importFile } from '../support/imports.ts';

test('CRM-4: an import is taken back: created records go, changed ones get their values unless changed since', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	const [kept, changed] = await run((tx) =>
		createRecords(tx, actor, {
			moduleKey: 'leads',
			rows: [
				{ lastName: 'Kept', email: 'kept@x.example', city: 'Rome', rating: 'Cold', emailOptOut: true },
				{ lastName: 'Changed', email: 'changed@x.example', city: 'Rome' }
			]
		})
	);
	const content = csv(
		'Last Name,Email,City,Rating,Tags',
		'Kept,kept@x.example,Oslo,Hot,imported',
		'Changed,changed@x.example,Oslo,Hot,',
		'New,new@x.example,Oslo,Hot,',
		'Converted,converted@x.example,Oslo,Hot,'
	);
	const done = await importFile(db, actor, {
		moduleKey: 'leads',
		content,
		change: (mapping) => ({ ...mapping, duplicates: { field: 'email', action: 'update' } })
	});
	expect(done).toMatchObject({ created: 2, updated: 2 });
	await run((tx) => updateRecord(tx, actor, { recordId: changed!, values: { city: 'Paris' } }));
	await db.admin.execute(
		sql`update records set converted_at = now() where org_id = ${actor.orgId} and name = 'Converted'`
	);
	const reader = await makeUser(db, actor.orgId, {
		...rep,
		defaultModule: { view: true, create: true, edit: true, delete: false }
	});
	await expect(run((tx) => undoImport(tx, reader, done.id))).rejects.toMatchObject({ code: 'not_found' });
	await run((tx) => undoImport(tx, actor, done.id));
	await runImport(db.worker, { orgId: actor.orgId, importId: done.id });
	const undone = await run((tx) => getImport(tx, actor, done.id));
	expect(undone).toMatchObject({ status: 'undone', undo: { deleted: 1, restored: 2, kept: 2 } });
	expect(undone.undo!.problems).toEqual([
		{ recordId: changed, name: 'Changed', reason: 'City changed since' },
		{ recordId: expect.any(String), name: 'Converted', reason: 'was converted since' }
	]);
	const rows = await db.admin.execute<{ id: string; data: Record<string, unknown>; gone: boolean }>(sql`
		select id, data, tags, deleted_at is not null as gone from records where org_id = ${actor.orgId} order by name`);
	const of = (id: string) => rows.find((row) => row.id === id);
	expect(of(kept!)).toMatchObject({
		data: { lastName: 'Kept', email: 'kept@x.example', city: 'Rome', rating: 'Cold' },
		tags: []
	});
	// The rating nobody touched goes back, the city somebody chose since stays.
	expect(of(changed!)!.data).toEqual({ lastName: 'Changed', email: 'changed@x.example', city: 'Paris' });
	expect(rows.filter(({ gone }) => gone).map(({ data }) => data['lastName'])).toEqual(['New']);
	await expect(run((tx) => undoImport(tx, actor, done.id))).rejects.toMatchObject({ code: 'conflict' });
	const notices = await db.admin.execute(
		sql`select title, body from notifications where org_id = ${actor.orgId} order by created_at, title`
	);
	expect(notices.at(-1)).toEqual({
		title: 'Import taken back: file.csv',
		body: '1 deleted, 2 restored, 2 left as they are'
	});
});

test('CRM-4: a worker that dies while taking an import back is followed by one that goes on', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	const lines = Array.from({ length: 2300 }, (_, i) => `Lead ${i},lead${i}@x.example`);
	const done = await importFile(db, actor, {
		moduleKey: 'leads',
		content: csv('Last Name,Email', ...lines)
	});
	expect(done.created).toBe(2300);
	await run((tx) => undoImport(tx, actor, done.id));
	const first = new AbortController();
	const job = { orgId: actor.orgId, importId: done.id };
	const stopped = runImport(db.worker, job, { signal: first.signal });
	first.abort();
	await expect(stopped).rejects.toThrow('Stopped between two chunks');
	await runImport(db.worker, job);
	await runImport(db.worker, job);
	expect(await run((tx) => getImport(tx, actor, done.id))).toMatchObject({
		status: 'undone',
		undo: { deleted: 2300, restored: 0, kept: 0, problems: [] }
	});
	const [left] = await db.admin.execute(
		sql`select count(*)::int as n from records where org_id = ${actor.orgId} and deleted_at is null`
	);
	expect(left).toEqual({ n: 0 });
});
