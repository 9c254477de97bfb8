import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { createRecords } from '../../src/lib/server/records/createRecords.ts';
import { deleteRecords } from '../../src/lib/server/records/deleteRecords.ts';
import { getRecord } from '../../src/lib/server/records/getRecord.ts';
import { listRecords, type RecordPage } from '../../src/lib/server/records/listRecords.ts';
import { resolveSelection } from '../../src/lib/server/records/resolveSelection.ts';
import { restoreRecords } from '../../src/lib/server/records/restoreRecords.ts';
import { updateRecord } from '../../src/lib/server/records/updateRecord.ts';
import { updateRecords } from '../../src/lib/server/records/updateRecords.ts';
import { listViews } from '../../src/lib/server/views/listViews.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';

test('CRM-1, CRM-6: a new organization has its seven modules, each with its shipped views', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const names = await withOrg(db.web, actor.orgId, async (tx) =>
		(await listViews(tx, actor, 'leads')).map((view) => view.name)
	);
	expect(names).toEqual(['All Leads', 'My Leads', "Today's Leads"]);
	const [counts] = await db.admin.execute(sql`
		select count(distinct m.id)::int as modules, count(*)::int as views
		from modules m join views v on v.org_id = m.org_id and v.module_id = m.id where m.org_id = ${actor.orgId}`);
	expect(counts).toEqual({ modules: 7, views: 21 });
});

test('CRM-4: a created record has its name, its owner, what search looks at, an audit entry and a change to drain', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const id = await withOrg(db.web, actor.orgId, (tx) =>
		createRecord(tx, actor, {
			moduleKey: 'leads',
			values: {
				firstName: ' Zoë ',
				lastName: 'Rossi',
				email: 'Zoe@Leads.Example',
				phone: '+91 98198 40461',
				tags: ['hot'],
				emailOptOut: 'Yes'
			}
		})
	);
	const { record } = await withOrg(db.web, actor.orgId, (tx) => getRecord(tx, actor, id));
	expect(record).toMatchObject({
		name: 'Zoë Rossi',
		ownerId: actor.userId,
		tags: ['hot'],
		emailOptOut: true,
		callOptOut: false,
		data: { firstName: 'Zoë', lastName: 'Rossi', email: 'Zoe@Leads.Example', phone: '+91 98198 40461' }
	});
	const [stored] = await db.admin.execute(sql`
		select r.search, (select count(*)::int from record_changes c where c.record_id = r.id) as changes,
			(select array_agg(a.action) from audit_entries a where a.object_id = r.id) as audit
		from records r where r.id = ${id}`);
	expect(stored).toEqual({
		search: 'zoë rossi zoe@leads.example +91 98198 40461 +919819840461',
		changes: 1,
		audit: ['record.create']
	});
});

test('CRM-3: a wrong value is refused with the field it sits on, and nothing is stored', async ({ db }) => {
	const actor = await makeOrg(db);
	const create = (values: Record<string, unknown>, moduleKey = 'leads') =>
		withOrg(db.web, actor.orgId, (tx) => createRecord(tx, actor, { moduleKey, values }));
	await expect(create({ firstName: 'Only' })).rejects.toMatchObject({
		code: 'invalid',
		pointer: '/values/lastName'
	});
	await expect(create({ lastName: 'X', email: 'me@nowhere' })).rejects.toMatchObject({
		pointer: '/values/email'
	});
	await expect(create({ lastName: 'X', rating: 'Lukewarm' })).rejects.toMatchObject({
		pointer: '/values/rating'
	});
	await expect(create({ lastName: 'X', createdAt: '2020-01-01' })).rejects.toMatchObject({
		pointer: '/values/createdAt'
	});
	await expect(create({ lastName: 'X', owner: crypto.randomUUID() })).rejects.toMatchObject({
		pointer: '/values/owner'
	});
	const lead = await create({ lastName: 'Real' });
	await expect(create({ dealName: 'D', account: lead }, 'deals')).rejects.toMatchObject({
		pointer: '/values/account'
	});
	await create({ subject: 'Q1', quoteNumber: 'A-1' }, 'quotes');
	await expect(create({ subject: 'Q2', quoteNumber: 'a-1' }, 'quotes')).rejects.toMatchObject({
		pointer: '/values/quoteNumber'
	});
	const [left] = await db.admin.execute(
		sql`select count(*)::int as n from records where org_id = ${actor.orgId}`
	);
	expect(left).toEqual({ n: 2 });
});

test('CRM-4: a change made since the record was read is a conflict, and both changes are audited', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const inOrg = <T>(fn: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, actor.orgId, fn);
	const id = await inOrg((tx) =>
		createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'One' } })
	);
	const { record } = await inOrg((tx) => getRecord(tx, actor, id));
	const first = await inOrg((tx) =>
		updateRecord(tx, actor, { recordId: id, values: { lastName: 'Two' }, modifiedAt: record.modifiedAt })
	);
	expect(first.name).toBe('Two');
	expect(first.modifiedAt.getTime()).toBeGreaterThan(record.modifiedAt.getTime());
	await expect(
		inOrg((tx) =>
			updateRecord(tx, actor, { recordId: id, values: { lastName: 'Three' }, modifiedAt: record.modifiedAt })
		)
	).rejects.toMatchObject({ code: 'conflict' });
	const rows = await db.admin.execute(
		sql`select before, after from audit_entries where object_id = ${id} and action = 'record.update'`
	);
	expect([...rows]).toEqual([{ before: { lastName: 'One' }, after: { lastName: 'Two' } }]);
});

test('CRM-4: a deleted record leaves lists and comes back when restored', async ({ db }) => {
	const actor = await makeOrg(db);
	const inOrg = <T>(fn: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, actor.orgId, fn);
	const ids = await inOrg((tx) =>
		createRecords(tx, actor, { moduleKey: 'leads', rows: [{ lastName: 'A' }, { lastName: 'B' }] })
	);
	await inOrg((tx) => deleteRecords(tx, actor, { moduleKey: 'leads', ids: [ids[0]!] }));
	const names = async (deleted: boolean) =>
		(await inOrg((tx) => listRecords(tx, actor, { moduleKey: 'leads', deleted }))).rows.map(
			(row) => row.name
		);
	expect(await names(false)).toEqual(['B']);
	expect(await names(true)).toEqual(['A']);
	const inBin = { moduleKey: 'leads', deleted: true };
	await inOrg((tx) => updateRecord(tx, actor, { recordId: ids[1]!, values: { email: 'find@me.example' } }));
	expect((await inOrg((tx) => listRecords(tx, actor, { ...inBin, search: 'find@me' }))).rows).toEqual([]);
	await inOrg((tx) => deleteRecords(tx, actor, { moduleKey: 'leads', ids: [ids[1]!] }));
	expect((await inOrg((tx) => listRecords(tx, actor, { ...inBin, search: 'find@me' }))).rows).toHaveLength(1);
	await inOrg((tx) => restoreRecords(tx, actor, { moduleKey: 'leads', ids }));
	expect(await names(false)).toHaveLength(2);
});

test('CRM-7: pages by keyset hold every record once, in order, for every kind of sort', async ({ db }) => {
	const actor = await makeOrg(db);
	const inOrg = <T>(fn: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, actor.orgId, fn);
	const rows = Array.from({ length: 53 }, (_, i) => ({
		lastName: `N${i % 7}`,
		...(i % 3 ? { annualRevenue: (i * 37) % 11 } : {}),
		...(i % 4 ? { city: `City ${i % 5}` } : {}),
		emailOptOut: i % 2 === 0
	}));
	await inOrg((tx) => createRecords(tx, actor, { moduleKey: 'leads', rows }));
	for (const field of ['createdAt', 'modifiedAt', 'name', 'annualRevenue', 'city', 'emailOptOut', 'owner'])
		for (const direction of ['asc', 'desc'] as const) {
			const seen: RecordPage['rows'] = [];
			let cursor: string | null = null;
			do {
				const page: RecordPage = await inOrg((tx) =>
					listRecords(tx, actor, { moduleKey: 'leads', sort: { field, direction }, cursor, limit: 10 })
				);
				seen.push(...page.rows);
				cursor = page.nextCursor;
			} while (cursor);
			expect(new Set(seen.map((row) => row.id)).size, `${field} ${direction}`).toBe(53);
			expect(seen, `${field} ${direction}`).toHaveLength(53);
			if (field !== 'annualRevenue') continue;
			const values = seen.map((row) => row.data.annualRevenue ?? null);
			const filled = values.filter((value) => value !== null);
			const sorted = filled.toSorted((a, b) => (direction === 'asc' ? 1 : -1) * (Number(a) - Number(b)));
			expect(values).toEqual([...sorted, ...values.filter((value) => value === null)]);
		}
	const first = await inOrg((tx) => listRecords(tx, actor, { moduleKey: 'leads', limit: 1 }));
	await expect(
		inOrg((tx) =>
			listRecords(tx, actor, {
				moduleKey: 'leads',
				sort: { field: 'name', direction: 'asc' },
				cursor: first.nextCursor
			})
		)
	).rejects.toMatchObject({ code: 'invalid', pointer: '/cursor' });
});

test('CRM-7: search finds by part of a name, address or number, and short texts by the start of the name', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const inOrg = <T>(fn: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, actor.orgId, fn);
	await inOrg((tx) =>
		createRecords(tx, actor, {
			moduleKey: 'leads',
			rows: [
				{ firstName: 'Ana', lastName: 'Silva', email: 'ana_1@x.example' },
				{ firstName: 'Joana', lastName: 'Costa', phone: '+351 912 345 678' },
				{ lastName: '100% Ltd' }
			]
		})
	);
	const find = async (search: string) =>
		(await inOrg((tx) => listRecords(tx, actor, { moduleKey: 'leads', search }))).rows
			.map((row) => row.name)
			.toSorted();
	expect(await find('ANA')).toEqual(['Ana Silva', 'Joana Costa']);
	expect(await find('an')).toEqual(['Ana Silva']);
	expect(await find('ana_1@')).toEqual(['Ana Silva']);
	expect(await find('912345')).toEqual(['Joana Costa']);
	expect(await find('0912 / 345-678')).toEqual(['Joana Costa']);
	expect(await find('(351) 912.345')).toEqual(['Joana Costa']);
	expect(await find('00%')).toEqual(['100% Ltd']);
	expect(await find("x' or 1=1 --")).toEqual([]);
});

test('PER-3: own-records visibility holds in lists, search, records, selections, updates and deletes', async ({
	db
}) => {
	const admin = await makeOrg(db);
	const seller = await makeUser(db, admin.orgId, rep, 'Sam Seller');
	const inOrg = <T>(fn: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, admin.orgId, fn);
	const [foreign, own] = await inOrg((tx) =>
		createRecords(tx, admin, {
			moduleKey: 'leads',
			rows: [{ lastName: 'Foreign lead' }, { lastName: 'Own lead', owner: seller.userId }]
		})
	);
	const list = (search?: string) => inOrg((tx) => listRecords(tx, seller, { moduleKey: 'leads', search }));
	expect((await list()).rows.map((row) => row.id)).toEqual([own]);
	expect((await list('lead')).rows.map((row) => row.id)).toEqual([own]);
	await expect(inOrg((tx) => getRecord(tx, seller, foreign!))).rejects.toMatchObject({ code: 'not_found' });
	await expect(
		inOrg((tx) => updateRecord(tx, seller, { recordId: foreign!, values: { lastName: 'Mine' } }))
	).rejects.toMatchObject({ code: 'not_found' });
	const ids = [foreign!, own!];
	const all = await inOrg((tx) =>
		resolveSelection(tx, seller, { moduleKey: 'leads', selection: { all: {} } })
	);
	expect(all).toEqual([own]);
	expect(
		await inOrg((tx) => resolveSelection(tx, seller, { moduleKey: 'leads', selection: { ids } }))
	).toEqual([own]);
	expect(
		await inOrg((tx) => updateRecords(tx, seller, { moduleKey: 'leads', ids, values: { city: 'Rome' } }))
	).toEqual([own]);
	expect(await inOrg((tx) => deleteRecords(tx, seller, { moduleKey: 'leads', ids }))).toEqual([own]);
});

test('PER-3: a profile without a module permission is refused, with the permission named', async ({ db }) => {
	const admin = await makeOrg(db);
	const none = { view: false, create: false, edit: false, delete: false };
	const guest = await makeUser(db, admin.orgId, { ...rep, modules: { deals: none } });
	const inOrg = <T>(fn: Parameters<typeof withOrg<T>>[2]) => withOrg(db.web, admin.orgId, fn);
	await expect(inOrg((tx) => listRecords(tx, guest, { moduleKey: 'deals' }))).rejects.toMatchObject({
		code: 'forbidden'
	});
	await expect(
		inOrg((tx) => createRecord(tx, guest, { moduleKey: 'deals', values: { dealName: 'X' } }))
	).rejects.toThrow('may not create deals');
});
