import { sql } from 'drizzle-orm';
import { everything } from '../../src/lib/domain/criteria/criteria.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { createImport } from '../../src/lib/server/imports/createImport.ts';
import { getImport } from '../../src/lib/server/imports/getImport.ts';
import { runImport } from '../../src/lib/server/imports/runImport.ts';
import { startImport } from '../../src/lib/server/imports/startImport.ts';
import { getModule } from '../../src/lib/server/modules/getModule.ts';
import { listModules } from '../../src/lib/server/modules/listModules.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { deleteRecords } from '../../src/lib/server/records/deleteRecords.ts';
import { exportCsv } from '../../src/lib/server/records/exportCsv.ts';
import { getRecord } from '../../src/lib/server/records/getRecord.ts';
import { getTimeline } from '../../src/lib/server/records/getTimeline.ts';
import { listRecords } from '../../src/lib/server/records/listRecords.ts';
import { resolveSelection } from '../../src/lib/server/records/resolveSelection.ts';
import { updateRecord } from '../../src/lib/server/records/updateRecord.ts';
import { createView } from '../../src/lib/server/views/createView.ts';
import { countCriteria } from '../../src/lib/server/views/countCriteria.ts';
import { getView } from '../../src/lib/server/views/getView.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

const view = {
	moduleKey: 'leads',
	name: 'Secret view',
	criteria: everything,
	columns: ['name'],
	sort: { field: 'name', direction: 'asc' as const },
	shared: true
};

/** Two organizations; the first has a lead, a view and an import that the second must never see. */
async function setUp(db: TestDatabase) {
	const ours = await makeOrg(db);
	const theirs = await makeOrg(db);
	const asThem = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, theirs.orgId, fn);
	const made = await withOrg(db.web, ours.orgId, async (tx) => ({
		lead: await createRecord(tx, ours, {
			moduleKey: 'leads',
			values: { lastName: 'Secret', email: 's@x.example' }
		}),
		view: (await createView(tx, ours, view)).id,
		upload: (
			await createImport(tx, ours, {
				moduleKey: 'leads',
				fileName: 'secret.csv',
				content: new TextEncoder().encode('Last Name\nX')
			})
		).id
	}));
	return { ours, theirs, asThem, made };
}

test('RELIABILITY 4: records, views and imports of another organization do not exist', async ({ db }) => {
	const { theirs, asThem, made, ours } = await setUp(db);
	const gone = { code: 'not_found' };
	await expect(asThem((tx) => getRecord(tx, theirs, made.lead))).rejects.toMatchObject(gone);
	await expect(asThem((tx) => getTimeline(tx, theirs, { recordId: made.lead }))).rejects.toMatchObject(gone);
	await expect(
		asThem((tx) => updateRecord(tx, theirs, { recordId: made.lead, values: { lastName: 'Ours' } }))
	).rejects.toMatchObject(gone);
	await expect(asThem((tx) => getView(tx, theirs, made.view))).rejects.toMatchObject(gone);
	await expect(asThem((tx) => getImport(tx, theirs, made.upload))).rejects.toMatchObject(gone);
	await expect(
		asThem(async (tx) => listRecords(tx, theirs, { moduleKey: 'leads', viewId: made.view }))
	).rejects.toMatchObject(gone);
	for (const search of [undefined, 'secret', 'se'])
		expect((await asThem((tx) => listRecords(tx, theirs, { moduleKey: 'leads', search }))).rows).toEqual([]);
	const ids = [made.lead];
	expect(await asThem((tx) => deleteRecords(tx, theirs, { moduleKey: 'leads', ids }))).toEqual([]);
	expect(
		await asThem((tx) => resolveSelection(tx, theirs, { moduleKey: 'leads', selection: { ids } }))
	).toEqual([]);
	expect(await asThem((tx) => countCriteria(tx, theirs, { ...view, audience: true }))).toBe(0);
	const ourModule = await withOrg(db.web, ours.orgId, (tx) => getModule(tx, 'leads'));
	await expect(asThem((tx) => getModule(tx, ourModule.id))).rejects.toMatchObject(gone);
});

test('RELIABILITY 4: a lookup cannot point into another organization', async ({ db }) => {
	const { ours, theirs, asThem } = await setUp(db);
	const account = await withOrg(db.web, ours.orgId, (tx) =>
		createRecord(tx, ours, { moduleKey: 'accounts', values: { accountName: 'Foreign' } })
	);
	const values = { dealName: 'D', account };
	await expect(
		asThem((tx) => createRecord(tx, theirs, { moduleKey: 'deals', values }))
	).rejects.toMatchObject({ pointer: '/values/account' });
});

test('RELIABILITY 4: the worker, which reads every organization, stays inside the one it works for', async ({
	db
}) => {
	const { theirs, made } = await setUp(db);
	const asWorker = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.worker, theirs.orgId, fn);
	expect(await asWorker((tx) => listModules(tx))).toHaveLength(7);
	expect((await asWorker((tx) => listRecords(tx, theirs, { moduleKey: 'leads' }))).rows).toEqual([]);
	await expect(asWorker((tx) => getRecord(tx, theirs, made.lead))).rejects.toMatchObject({
		code: 'not_found'
	});
	const content = new TextEncoder().encode('Last Name,Email\nTheirs,s@x.example');
	const mapping = await withOrg(db.web, theirs.orgId, async (tx) => {
		const upload = await createImport(tx, theirs, { moduleKey: 'leads', fileName: 'a.csv', content });
		await startImport(tx, theirs, {
			importId: upload.id,
			mapping: { ...upload.suggested, duplicates: { field: 'email', action: 'update' } }
		});
		return upload.id;
	});
	await runImport(db.worker, { orgId: theirs.orgId, importId: mapping });
	const rows = await db.admin.execute(
		sql`select org_id, name from records where data ->> 'email' = 's@x.example' and org_id in (${theirs.orgId}, (
			select org_id from records where id = ${made.lead}::uuid)) order by name`
	);
	expect([...rows]).toMatchObject([{ name: 'Secret' }, { org_id: theirs.orgId, name: 'Theirs' }]);
});

test('CRM-4, RELIABILITY 4: an export quotes every cell, neutralises formulas and comes back unchanged', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, actor.orgId, fn);
	const values = {
		lastName: '=HYPERLINK("http://evil")',
		phone: '+39 06 1234567',
		annualRevenue: -5,
		tags: ['a', 'b']
	};
	await run((tx) => createRecord(tx, actor, { moduleKey: 'leads', values }));
	const columns = ['lastName', 'phone', 'annualRevenue', 'tags', 'owner', 'emailOptOut'];
	let text = '';
	for await (const piece of exportCsv(run, actor, { moduleKey: 'leads', columns })) text += piece;
	expect(text).toBe(
		'\uFEFF"Last Name","Phone","Annual Revenue","Tags","Owner","Email opt-out"\r\n' +
			`"'=HYPERLINK(""http://evil"")","'+39 06 1234567","-5","a; b","Ada Admin","No"\r\n`
	);
	const id = await run(async (tx) => {
		const content = new TextEncoder().encode(text);
		const upload = await createImport(tx, actor, { moduleKey: 'leads', fileName: 'a.csv', content });
		await startImport(tx, actor, { importId: upload.id, mapping: upload.suggested });
		return upload.id;
	});
	await runImport(db.worker, { orgId: actor.orgId, importId: id });
	const rows = await db.admin.execute(
		sql`select distinct data, tags from records where org_id = ${actor.orgId}`
	);
	expect([...rows]).toEqual([
		{ data: { lastName: values.lastName, phone: values.phone, annualRevenue: -5 }, tags: ['a', 'b'] }
	]);
});
