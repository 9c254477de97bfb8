import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { runBackgroundTask } from '../../src/lib/server/enrollments/runBackgroundTask.ts';
import { getModule } from '../../src/lib/server/modules/getModule.ts';
import { changeSelection } from '../../src/lib/server/records/changeSelection.ts';
import { createRecords } from '../../src/lib/server/records/createRecords.ts';
import { exportCsv } from '../../src/lib/server/records/exportCsv.ts';
import { insertRecords } from '../../src/lib/server/records/insertRecords.ts';
import { listBoard } from '../../src/lib/server/records/listBoard.ts';
import { listRecords } from '../../src/lib/server/records/listRecords.ts';
import { searchEverywhere } from '../../src/lib/server/records/searchEverywhere.ts';
import { getBackgroundTask } from '../../src/lib/server/shell/getBackgroundTask.ts';
import { getView } from '../../src/lib/server/views/getView.ts';
import { listViews } from '../../src/lib/server/views/listViews.ts';
import { getViewLayout, saveViewLayout } from '../../src/lib/server/views/viewLayout.ts';
import { administrator, makeOrg, makeUser, rep } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

const as =
	(db: TestDatabase, actor: Actor) =>
	<T>(fn: (tx: OrgTx) => Promise<T>): Promise<T> =>
		withOrg(db.web, actor.orgId, fn);

/** Leads with a city for most and a score for some: blanks and equal values at the edges of pages. */
const leads = (n: number) =>
	Array.from({ length: n }, (_, i) => ({
		lastName: `Lead ${String(i % 7)}`,
		...(i % 3 ? { city: `City ${i % 4}` } : {}),
		...(i % 2 ? { annualRevenue: i % 5 } : {})
	}));

test('CRM-7: paging back shows the very pages that were shown on the way there, in every order', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	await run((tx) => createRecords(tx, actor, { moduleKey: 'leads', rows: leads(18) }));
	for (const field of ['createdAt', 'name', 'city', 'annualRevenue', 'owner'])
		for (const direction of ['asc', 'desc'] as const) {
			const page = (cursor: string | null, back = false) =>
				run((tx) =>
					listRecords(tx, actor, { moduleKey: 'leads', sort: { field, direction }, cursor, back, limit: 4 })
				);
			const pages = [await page(null)];
			while (pages.at(-1)!.nextCursor) pages.push(await page(pages.at(-1)!.nextCursor));
			const ids = pages.map(({ rows }) => rows.map(({ id }) => id));
			expect(new Set(ids.flat()).size).toBe(18);
			let here = pages.at(-1)!;
			for (const expected of ids.slice(0, -1).toReversed()) {
				here = await page(here.previousCursor, true);
				expect(here.rows.map(({ id }) => id)).toEqual(expected);
			}
			expect(pages[0]!.previousCursor).toBeNull();
		}
});

test('CRM-7: paging back to less than a page shows the whole first page', async ({ db }) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	await run((tx) => createRecords(tx, actor, { moduleKey: 'leads', rows: leads(12) }));
	const page = (cursor: string | null, back = false, limit = 5) =>
		run((tx) => listRecords(tx, actor, { moduleKey: 'leads', cursor, back, limit }));
	const second = await page((await page(null, false, 3)).nextCursor);
	const first = await page(second.previousCursor, true);
	expect(first.rows).toHaveLength(5);
	expect(first.previousCursor).toBeNull();
	expect(first.rows.map(({ id }) => id)).toEqual((await page(null)).rows.map(({ id }) => id));
});

test('CRM-7: columns of a view are kept per user, and go back to those of the view', async ({ db }) => {
	const actor = await makeOrg(db);
	const other = await makeUser(db, actor.orgId, administrator, 'Bo Other');
	const run = as(db, actor);
	const [view] = await run((tx) => listViews(tx, actor, 'leads'));
	const layout = (who: Actor) =>
		run(async (tx) => getViewLayout(tx, who, await getModule(tx, 'leads'), await getView(tx, who, view!.id)));
	const shipped = (await layout(actor)).columns;
	const columns = [{ key: 'name', width: 300 }, { key: 'city' }];
	await run((tx) => saveViewLayout(tx, actor, { viewId: view!.id, columns }));
	expect(await layout(actor)).toEqual({ columns, own: true });
	expect(await layout(other)).toEqual({ columns: shipped, own: false });
	await expect(
		run((tx) => saveViewLayout(tx, actor, { viewId: view!.id, columns: [{ key: 'gone' }] }))
	).rejects.toMatchObject({ code: 'invalid', pointer: '/columns/0' });
	await run((tx) => saveViewLayout(tx, actor, { viewId: view!.id, columns: null }));
	expect(await layout(actor)).toEqual({ columns: shipped, own: false });
});

test('CRM-4, PER-3: a bulk change of field, tags and owner touches what the actor may see and edit', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const seller = await makeUser(db, actor.orgId, rep, 'Sam Seller');
	const run = as(db, actor);
	const ids = await run((tx) =>
		createRecords(tx, actor, {
			moduleKey: 'leads',
			rows: [
				{ lastName: 'A', tags: ['old', 'kept'] },
				{ lastName: 'B', owner: seller.userId },
				{ lastName: 'C' }
			]
		})
	);
	const change = (who: Actor, selection: Parameters<typeof changeSelection>[2]['selection'], what: object) =>
		run((tx) =>
			changeSelection(tx, who, { moduleKey: 'leads', selection, change: what as never })
		) as Promise<{ ids: string[] }>;
	const tagged = await change(
		actor,
		{ ids: ids.slice(0, 2) },
		{ kind: 'tags', add: ['new'], remove: ['old'] }
	);
	expect(tagged.ids).toHaveLength(2);
	const own = await change(seller, { all: {} }, { kind: 'update', values: { rating: 'Hot' } });
	expect(own.ids).toEqual([ids[1]]);
	await change(actor, { ids: [ids[2]!] }, { kind: 'update', values: { owner: seller.userId } });
	const rows = await db.admin.execute(sql`
		select name, tags, data ->> 'rating' as rating, owner_id = ${seller.userId} as sold from records
		where org_id = ${actor.orgId} order by name`);
	expect([...rows]).toEqual([
		{ name: 'A', tags: ['kept', 'new'], rating: null, sold: false },
		{ name: 'B', tags: ['new'], rating: 'Hot', sold: true },
		{ name: 'C', tags: [], rating: null, sold: true }
	]);
	await expect(change(actor, { ids }, { kind: 'update', values: { rating: 'Tepid' } })).rejects.toMatchObject(
		{
			code: 'invalid'
		}
	);
	const reader = await makeUser(db, actor.orgId, {
		...rep,
		defaultModule: { view: true, create: false, edit: false, delete: false }
	});
	for (const what of [
		{ kind: 'update', values: {} },
		{ kind: 'tags', add: ['x'], remove: [] },
		{ kind: 'delete' }
	])
		await expect(change(reader, { ids }, what)).rejects.toMatchObject({ code: 'forbidden' });
});

test('CRM-4: all N of a view are changed by the worker, with progress and a result; what is wrong is told at once', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	await run(async (tx) =>
		insertRecords(
			tx,
			await getModule(tx, 'leads'),
			Array.from({ length: 1100 }, (_, i) => ({
				ownerId: actor.userId,
				createdBy: actor.userId,
				data: { lastName: `Lead ${i}`, ...(i < 100 ? { rating: 'Hot' } : {}) }
			}))
		)
	);
	const change = (values: Record<string, unknown>) =>
		run((tx) =>
			changeSelection(tx, actor, {
				moduleKey: 'leads',
				selection: { all: {} },
				change: { kind: 'update', values }
			})
		);
	await expect(change({ rating: 'Tepid' })).rejects.toMatchObject({ code: 'invalid' });
	const started = await change({ rating: 'Hot' });
	expect(started).toMatchObject({ total: 1100, taskId: expect.any(String) });
	const taskId = started.taskId!;
	await runBackgroundTask(db.worker, { orgId: actor.orgId, taskId });
	expect(await run((tx) => getBackgroundTask(tx, actor, taskId))).toMatchObject({
		status: 'done',
		processed: 1100,
		result: { changed: 1000, unchanged: 100 }
	});
	const gone = await run((tx) =>
		changeSelection(tx, actor, { moduleKey: 'leads', selection: { all: {} }, change: { kind: 'delete' } })
	);
	await runBackgroundTask(db.worker, { orgId: actor.orgId, taskId: gone.taskId! });
	const notices = await db.admin.execute(
		sql`select title, body from notifications where org_id = ${actor.orgId} order by created_at`
	);
	expect([...notices]).toEqual([
		{ title: 'Changing records finished', body: '1,000 changed, 100 left as they are.' },
		{ title: 'Deleting records finished', body: '1,100 deleted, 0 left as they are.' }
	]);
});

test('CRM-7: a board has a column per stage with its count and sum, the newest cards first', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	const deals = [
		['A', 'Proposal', 10],
		['B', 'Proposal', 5],
		['C', 'Closed Won', 7],
		['D', null, 1]
	] as const;
	for (const [dealName, stage, amount] of deals)
		await run((tx) => createRecords(tx, actor, { moduleKey: 'deals', rows: [{ dealName, stage, amount }] }));
	const board = await run((tx) => listBoard(tx, actor, { moduleKey: 'deals', by: 'stage' }));
	expect(board.columns.map(({ label, count, sum }) => [label, count, sum])).toEqual([
		['Prospecting', 0, 0],
		['Qualification', 0, 0],
		['Needs Analysis', 0, 0],
		['Proposal', 2, 15],
		['Negotiation', 0, 0],
		['Closed Won', 1, 7],
		['Closed Lost', 0, 0],
		['No stage', 1, 1]
	]);
	expect(board.columns[3]!.rows.map(({ name }) => name)).toEqual(['B', 'A']);
	// One stray value does not keep the board from opening.
	await db.admin.execute(sql`
		update records set data = data || '{"amount": "a lot"}' where org_id = ${actor.orgId}::uuid and name = 'B'`);
	const stray = await run((tx) => listBoard(tx, actor, { moduleKey: 'deals', by: 'stage' }));
	expect(stray.columns[3]).toMatchObject({ count: 2, sum: 10 });
	const narrowed = await run((tx) => listBoard(tx, actor, { moduleKey: 'deals', by: 'stage', search: 'C' }));
	expect(narrowed.columns.reduce((sum, { count }) => sum + count, 0)).toBe(1);
	await expect(run((tx) => listBoard(tx, actor, { moduleKey: 'deals', by: 'amount' }))).rejects.toMatchObject(
		{ code: 'invalid' }
	);
});

test('CRM-4: an export has the columns and the order of the list it leaves', async ({ db }) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	await run((tx) =>
		createRecords(tx, actor, {
			moduleKey: 'leads',
			rows: ['B', 'A', 'C'].map((lastName) => ({ lastName, city: `City of ${lastName}` }))
		})
	);
	const pieces = [];
	for await (const piece of exportCsv(run, actor, {
		moduleKey: 'leads',
		columns: ['city', 'name'],
		sort: { field: 'name', direction: 'asc' }
	}))
		pieces.push(piece);
	expect(pieces.join('').slice(1).trim().split('\r\n')).toEqual([
		'"City","Name"',
		'"City of A","A"',
		'"City of B","B"',
		'"City of C","C"'
	]);
});

test('CRM-7, PER-3: the search over all modules takes turns, names that begin so first, and only what may be seen', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	const create = (moduleKey: string, rows: Record<string, unknown>[]) =>
		run((tx) => createRecords(tx, actor, { moduleKey, rows }));
	await create('leads', [
		...Array.from({ length: 8 }, (_, i) => ({ lastName: `Great Acme ${i}` })),
		{ lastName: 'Acme Lead', company: 'Acme' }
	]);
	await create('accounts', [{ accountName: 'Acme Ltd' }]);
	await create('vendors', [{ vendorName: 'Old Acme' }]);
	const search = (who: Actor, text: string) =>
		run((tx) => searchEverywhere(tx, who, { search: text })).then((hits) => hits.map(({ name }) => name));
	const found = await search(actor, 'acme');
	expect(found.slice(0, 2).toSorted()).toEqual(['Acme Lead', 'Acme Ltd']);
	expect(found).toContain('Old Acme');
	expect(await search(actor, 'a')).toEqual([]);
	const blind = await makeUser(db, actor.orgId, {
		...administrator,
		administrator: false,
		modules: { leads: { view: false, create: false, edit: false, delete: false } }
	});
	expect((await search(blind, 'acme')).toSorted()).toEqual(['Acme Ltd', 'Old Acme']);
	const seller = await makeUser(db, actor.orgId, rep);
	expect(await search(seller, 'acme')).toEqual([]);
});
