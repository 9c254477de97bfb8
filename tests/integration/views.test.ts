import { sql } from 'drizzle-orm';
import { everything, type Criteria } from '../../src/lib/domain/criteria/criteria.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { createField } from '../../src/lib/server/modules/createField.ts';
import { createModule } from '../../src/lib/server/modules/createModule.ts';
import { getModule } from '../../src/lib/server/modules/getModule.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { createRecords } from '../../src/lib/server/records/createRecords.ts';
import { listRecords } from '../../src/lib/server/records/listRecords.ts';
import { countCriteria } from '../../src/lib/server/views/countCriteria.ts';
import { createView, type CreateViewInput } from '../../src/lib/server/views/createView.ts';
import { deleteView } from '../../src/lib/server/views/deleteView.ts';
import { getView, type View } from '../../src/lib/server/views/getView.ts';
import { listViews } from '../../src/lib/server/views/listViews.ts';
import { previewViewChange } from '../../src/lib/server/views/previewViewChange.ts';
import { updateView } from '../../src/lib/server/views/updateView.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

const input = (change: Partial<CreateViewInput> = {}): CreateViewInput => ({
	moduleKey: 'leads',
	name: 'In Rome',
	criteria: { field: 'city', op: 'is', value: 'Rome' },
	columns: ['name', 'city'],
	sort: { field: 'name', direction: 'asc' },
	shared: true,
	...change
});

async function setUp(db: TestDatabase) {
	const actor = await makeOrg(db);
	const run = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, actor.orgId, fn);
	return { actor, run };
}

/** An active cadence whose audience is the view. */
async function useView(db: TestDatabase, orgId: string, viewId: string, name = 'Rome tour') {
	await db.admin.execute(sql`
		insert into cadences (org_id, id, module_id, name, enrollment_kind, state, view_id, created_by)
		select v.org_id, ${newId()}::uuid, v.module_id, ${name}, 'view', 'active', v.id, ${newId()}::uuid
		from views v where v.org_id = ${orgId} and v.id = ${viewId}`);
}

test('CRM-6: a view lists what its criteria say, with its own sort', async ({ db }) => {
	const { actor, run } = await setUp(db);
	await run((tx) =>
		createRecords(tx, actor, {
			moduleKey: 'leads',
			rows: [
				{ lastName: 'B', city: 'Rome' },
				{ lastName: 'A', city: 'ROME' },
				{ lastName: 'C', city: 'Oslo' }
			]
		})
	);
	const view = await run((tx) => createView(tx, actor, input()));
	const page = await run((tx) => listRecords(tx, actor, { moduleKey: 'leads', viewId: view.id }));
	expect(page.rows.map((row) => row.name)).toEqual(['A', 'B']);
	await expect(
		run((tx) => listRecords(tx, actor, { moduleKey: 'deals', viewId: view.id }))
	).rejects.toMatchObject({ code: 'invalid' });
});

test("CRM-6: Today's and My views follow the day of the organization and the person who looks", async ({
	db
}) => {
	const { actor, run } = await setUp(db);
	const other = await makeUser(db, actor.orgId, { ...rep, recordVisibility: 'all' }, 'Sam');
	await run((tx) =>
		createRecords(tx, actor, {
			moduleKey: 'leads',
			rows: [{ lastName: 'Mine' }, { lastName: 'His', owner: other.userId }]
		})
	);
	const views = await run((tx) => listViews(tx, actor, 'leads'));
	const names = async (name: string, who = actor) => {
		const viewId = views.find((view) => view.name === name)!.id;
		const page = await run((tx) => listRecords(tx, who, { moduleKey: 'leads', viewId }));
		return page.rows.map((row) => row.name).toSorted();
	};
	expect(await names('My Leads')).toEqual(['Mine']);
	expect(await names('My Leads', other)).toEqual(['His']);
	expect(await names("Today's Leads")).toEqual(['His', 'Mine']);
	await db.admin.execute(sql`update app.clock set shift = '1 day'`);
	expect(await names("Today's Leads")).toEqual([]);
	await db.admin.execute(sql`update app.clock set shift = '0'`);
});

test('CRM-6: a private view is there for its owner alone; a shipped one cannot be changed', async ({
	db
}) => {
	const { actor, run } = await setUp(db);
	const other = await makeUser(db, actor.orgId, rep, 'Sam');
	const own = await run((tx) => createView(tx, other, input({ shared: false })));
	await expect(run((tx) => getView(tx, actor, own.id))).rejects.toMatchObject({ code: 'not_found' });
	expect((await run((tx) => listViews(tx, actor, 'leads'))).map((view) => view.id)).not.toContain(own.id);
	const [shipped] = await run((tx) => listViews(tx, actor, 'leads'));
	await expect(run((tx) => updateView(tx, actor, { viewId: shipped!.id, name: 'X' }))).rejects.toMatchObject({
		code: 'forbidden'
	});
	const shared = await run((tx) => createView(tx, actor, input()));
	await expect(run((tx) => deleteView(tx, other, shared.id))).rejects.toMatchObject({ code: 'forbidden' });
	await expect(run((tx) => createView(tx, other, input({ name: 'in rome' })))).rejects.toMatchObject({
		code: 'conflict',
		pointer: '/name'
	});
});

test('CRM-6: a view that does not fit its module is refused where it is wrong', async ({ db }) => {
	const { actor, run } = await setUp(db);
	const refused = (change: Partial<CreateViewInput>) =>
		expect(run((tx) => createView(tx, actor, input(change)))).rejects;
	await refused({ criteria: { all: [{ field: 'nope', op: 'empty' }] } }).toMatchObject({
		pointer: '/criteria/all/0/field'
	});
	await refused({ columns: ['name', 'nope'] }).toMatchObject({ pointer: '/columns/1' });
	await refused({ sort: { field: 'tags', direction: 'asc' } }).toMatchObject({ pointer: '/sort/field' });
	await refused({ name: '  ' }).toMatchObject({ pointer: '/name' });
});

test('CRM-6: an audience stays shared and free of the current user, needs MANAGE, and its cadences are scanned anew', async ({
	db
}) => {
	const { actor, run } = await setUp(db);
	const seller = await makeUser(db, actor.orgId, { ...rep, recordVisibility: 'all' }, 'Sam');
	const view = await run((tx) => createView(tx, seller, input()));
	await useView(db, actor.orgId, view.id);
	const change = (who: typeof actor, changes: Partial<CreateViewInput>) =>
		run((tx) => updateView(tx, who, { viewId: view.id, ...changes }));
	await expect(change(actor, { shared: false })).rejects.toMatchObject({ pointer: '/shared' });
	const mine: Criteria = { field: 'owner', op: 'currentUser' };
	await expect(change(actor, { criteria: mine })).rejects.toMatchObject({ pointer: '/criteria/op' });
	await expect(change(seller, { criteria: everything })).rejects.toMatchObject({ code: 'forbidden' });
	expect((await change(seller, { columns: ['name'] })).revision).toBe(1);
	expect((await change(actor, { criteria: everything })).revision).toBe(2);
	const jobs = await db.admin.execute(sql`
		select t.identifier from graphile_worker._private_jobs j
		join graphile_worker._private_tasks t on t.id = j.task_id
		where j.payload::jsonb ->> 'orgId' = ${actor.orgId}`);
	expect([...jobs]).toEqual([{ identifier: 'scanCadence' }]);
});

test('CRM-6: who may only read records keeps views of them to themselves; MANAGE and edit may share', async ({
	db
}) => {
	const { actor, run } = await setUp(db);
	const reading = { view: true, create: false, edit: false, delete: false };
	const reader = await makeUser(db, actor.orgId, { ...rep, modules: { leads: reading } }, 'Vic');
	await expect(run((tx) => createView(tx, reader, input()))).rejects.toMatchObject({
		code: 'forbidden',
		pointer: '/shared',
		message: expect.stringContaining('Your profile may only read leads')
	});
	const own = await run((tx) => createView(tx, reader, input({ shared: false })));
	await expect(run((tx) => updateView(tx, reader, { viewId: own.id, shared: true }))).rejects.toMatchObject({
		code: 'forbidden'
	});
	expect((await run((tx) => updateView(tx, reader, { viewId: own.id, name: 'Mine' }))).name).toBe('Mine');
	// Shared while the profile allowed it: it is taken back, not kept.
	await db.admin.execute(sql`update views set shared = true where id = ${own.id}`);
	const change = (patch: object) => run((tx) => updateView(tx, reader, { viewId: own.id, ...patch }));
	await expect(change({ name: 'Still shared' })).rejects.toMatchObject({ pointer: '/shared' });
	expect((await change({ shared: false })).shared).toBe(false);
	const cadences = { ...rep.cadences, manage: true };
	const manager = await makeUser(db, actor.orgId, { ...rep, cadences, modules: { leads: reading } }, 'Max');
	expect((await run((tx) => createView(tx, manager, input({ name: 'Audience' })))).shared).toBe(true);
});

test('CRM-6: saving an audience tells beforehand how many records come and go', async ({ db }) => {
	const { actor, run } = await setUp(db);
	const rows = ['Rome', 'Rome', 'Oslo'].map((city, i) => ({ lastName: `L${i}`, city }));
	await run((tx) => createRecords(tx, actor, { moduleKey: 'leads', rows }));
	const view = await run((tx) => createView(tx, actor, input()));
	const preview = (criteria: Criteria) =>
		run((tx) => previewViewChange(tx, actor, { viewId: view.id, criteria }));
	expect(await preview(everything)).toEqual({ users: [], entering: 0, leaving: 0, liveRuns: 0 });
	await useView(db, actor.orgId, view.id);
	expect(await preview({ field: 'city', op: 'is', value: 'Oslo' })).toMatchObject({
		users: [{ name: 'Rome tour', state: 'active' }],
		entering: 1,
		leaving: 2,
		liveRuns: 0
	});
});

test('CRM-6: deleting a view that cadences use is refused with their names', async ({ db }) => {
	const { actor, run } = await setUp(db);
	const view = await run((tx) => createView(tx, actor, input()));
	await useView(db, actor.orgId, view.id);
	await expect(run((tx) => deleteView(tx, actor, view.id))).rejects.toMatchObject({
		code: 'in_use',
		message: expect.stringContaining('"Rome tour"')
	});
	await db.admin.execute(sql`update cadences set deleted_at = now() where org_id = ${actor.orgId}`);
	await run((tx) => deleteView(tx, actor, view.id));
	await expect(run((tx) => getView(tx, actor, view.id))).rejects.toMatchObject({ code: 'not_found' });
});

test('PER-3: a count sees what its viewer may see, an audience count sees all', async ({ db }) => {
	const { actor, run } = await setUp(db);
	const seller = await makeUser(db, actor.orgId, rep, 'Sam');
	await run((tx) =>
		createRecords(tx, actor, {
			moduleKey: 'leads',
			rows: [{ lastName: 'A' }, { lastName: 'B', owner: seller.userId }]
		})
	);
	const count = (audience: boolean) =>
		run((tx) => countCriteria(tx, seller, { moduleKey: 'leads', criteria: everything, audience }));
	expect([await count(false), await count(true)]).toEqual([1, 2]);
});

test('CRM-6: a count that takes too long is given up, and the transaction goes on', async ({ db }) => {
	const { actor, run } = await setUp(db);
	const rows = Array.from({ length: 3000 }, (_, i) => ({ lastName: `L${i}`, description: 'x'.repeat(500) }));
	await run((tx) => createRecords(tx, actor, { moduleKey: 'leads', rows }));
	const slow: Criteria = {
		any: Array.from(
			{ length: 50 },
			(_, i) => ({ field: 'description', op: 'contains', value: `y${i}` }) as const
		)
	};
	const [given, after] = await run(async (tx) => [
		await countCriteria(tx, actor, { moduleKey: 'leads', criteria: slow, timeoutMs: 1 }),
		await countCriteria(tx, actor, { moduleKey: 'leads', criteria: everything })
	]);
	expect(given).toBeNull();
	expect(after).toBe(3000);
});

test('CRM-1, CRM-3: an administrator adds a module and fields; others may not', async ({ db }) => {
	const { actor, run } = await setUp(db);
	const seller = await makeUser(db, actor.orgId, rep, 'Sam');
	const names = { singular: 'Course', plural: 'Courses' };
	await expect(run((tx) => createModule(tx, seller, names))).rejects.toMatchObject({ code: 'forbidden' });
	const module = await run((tx) => createModule(tx, actor, names));
	expect(module).toMatchObject({ key: 'courses', kind: 'custom', nameFields: ['recordName'] });
	await expect(run((tx) => createModule(tx, actor, names))).rejects.toMatchObject({ code: 'conflict' });
	const add = (label: string, more = {}) =>
		run((tx) => createField(tx, actor, { moduleKey: 'courses', label, type: 'lookup', ...more }));
	expect(await add('Teacher', { lookupModuleKey: 'contacts' })).toBe('teacher');
	await expect(add('teacher', { lookupModuleKey: 'contacts' })).rejects.toMatchObject({ code: 'conflict' });
	await expect(add('Nowhere', { lookupModuleKey: 'nope' })).rejects.toMatchObject({ code: 'not_found' });
	await run((tx) => createRecord(tx, actor, { moduleKey: 'courses', values: { recordName: 'SQL' } }));
	expect((await run((tx) => getModule(tx, 'courses'))).fields.map((field) => field.key)).toEqual([
		'recordName',
		'teacher'
	]);
	expect((await run((tx) => listViews(tx, actor, 'courses'))).map((view) => view.name)).toContain(
		'All Courses'
	);
});

test('CRM-6, ENR-2: of two who change the criteria at once each gets a number of its own, and a new name undoes no criteria', async ({
	db
}) => {
	const { actor, run } = await setUp(db);
	const view = await run((tx) => createView(tx, actor, input()));
	const change = (city: string) => ({
		viewId: view.id,
		criteria: { field: 'city', op: 'is' as const, value: city }
	});
	const others: Promise<View>[] = [];
	await run(async (tx) => {
		await updateView(tx, actor, change('Oslo'));
		others.push(run((other) => updateView(other, actor, { viewId: view.id, name: 'Elsewhere' })));
		others.push(run((other) => updateView(other, actor, change('Bern'))));
		// Both have begun before this one ends.
		await expect
			.poll(async () => {
				const [row] = await db.admin.execute<{ n: number }>(sql`
					select count(*)::int as n from pg_stat_activity
					where datname = current_database() and wait_event_type = 'Lock' and query like '%views%'`);
				return row!.n;
			})
			.toBe(2);
	});
	await Promise.all(others);
	// What the engine compiled of a number holds for as long as the view has it.
	expect(await run((tx) => getView(tx, actor, view.id))).toMatchObject({
		revision: 3,
		name: 'Elsewhere',
		criteria: { value: 'Bern' }
	});
});
