import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import { everything } from '../../src/lib/domain/criteria/criteria.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { createField } from '../../src/lib/server/modules/createField.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { createModule } from '../../src/lib/server/modules/createModule.ts';
import { deleteField } from '../../src/lib/server/modules/deleteField.ts';
import { deleteModule } from '../../src/lib/server/modules/deleteModule.ts';
import { fieldUsers } from '../../src/lib/server/modules/fieldUsers.ts';
import { getModule } from '../../src/lib/server/modules/getModule.ts';
import { listDeletedFields } from '../../src/lib/server/modules/listDeletedFields.ts';
import { listDeletedModules } from '../../src/lib/server/modules/listDeletedModules.ts';
import { listModules } from '../../src/lib/server/modules/listModules.ts';
import { orderFields } from '../../src/lib/server/modules/orderFields.ts';
import { restoreField } from '../../src/lib/server/modules/restoreField.ts';
import { restoreModule } from '../../src/lib/server/modules/restoreModule.ts';
import { updateField } from '../../src/lib/server/modules/updateField.ts';
import { updateFieldOptions } from '../../src/lib/server/modules/updateFieldOptions.ts';
import { updateModule } from '../../src/lib/server/modules/updateModule.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { deleteRecords } from '../../src/lib/server/records/deleteRecords.ts';
import { getRecord } from '../../src/lib/server/records/getRecord.ts';
import { listRecords } from '../../src/lib/server/records/listRecords.ts';
import { updateRecord } from '../../src/lib/server/records/updateRecord.ts';
import { readMergeValues } from '../../src/lib/server/templates/readMergeValues.ts';
import { createTemplate } from '../../src/lib/server/templates/createTemplate.ts';
import { createView, type CreateViewInput } from '../../src/lib/server/views/createView.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { makeCadence } from '../support/cadences.ts';
import { draftOf, task } from '../support/draftOf.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

/** A view with a condition on a field of our own. */
const scored: CreateViewInput = {
	moduleKey: 'leads',
	name: 'Scored',
	criteria: { field: 'score', op: 'notEmpty' },
	columns: ['name'],
	sort: { field: 'name', direction: 'asc' },
	shared: true
};

const as =
	(db: TestDatabase, actor: Actor) =>
	<T>(fn: (tx: OrgTx) => Promise<T>): Promise<T> =>
		withOrg(db.web, actor.orgId, fn);
const field = (tx: OrgTx, key: string, module = 'leads') =>
	getModule(tx, module).then(({ fields }) => fields.find((one) => one.key === key)!);

test('CRM-3: a renamed picklist value keeps what records and views know; a retired one is no longer chosen', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	const id = await run((tx) =>
		createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'Rossi', rating: 'Hot' } })
	);
	const edit = (options: { value: string | null; label: string; retired: boolean }[]) =>
		run((tx) => updateFieldOptions(tx, actor, { moduleKey: 'leads', fieldKey: 'rating', options }));
	await edit([
		{ value: 'Cold', label: 'Cold', retired: false },
		{ value: 'Hot', label: 'Burning', retired: false },
		{ value: null, label: 'Frozen', retired: false },
		{ value: 'Warm', label: 'Warm', retired: true }
	]);
	expect(await run((tx) => field(tx, 'rating'))).toMatchObject({
		options: ['Cold', 'Hot', 'Frozen'],
		retiredOptions: ['Warm'],
		optionLabels: { Hot: 'Burning' }
	});
	const found = await run((tx) =>
		listRecords(tx, actor, { moduleKey: 'leads', criteria: { field: 'rating', op: 'is', value: 'Hot' } })
	);
	expect(found.rows.map((row) => row.id)).toEqual([id]);
	const [merge] = await run((tx) => readMergeValues(tx, [{ orgId: actor.orgId, recordId: id }]));
	expect(merge!.record['rating']).toBe('Burning');
	// What people read is understood and stored as it always was.
	const change = (rating: string) =>
		run((tx) => updateRecord(tx, actor, { recordId: id, values: { rating } }));
	expect((await change('burning')).data['rating']).toBe('Hot');
	await expect(change('Warm')).rejects.toMatchObject({ code: 'invalid', pointer: '/values/rating' });
	// A record that holds the retired value may keep it.
	await db.admin.execute(sql`update records set data = data || '{"rating": "Warm"}' where id = ${id}`);
	const kept = await run((tx) =>
		updateRecord(tx, actor, { recordId: id, values: { rating: 'Warm', city: 'Rome' } })
	);
	expect(kept.data).toMatchObject({ rating: 'Warm', city: 'Rome' });
	// A name that records know as something else would be ambiguous.
	await expect(
		edit([
			{ value: 'Cold', label: 'Cold', retired: false },
			{ value: 'Hot', label: 'Burning', retired: false },
			{ value: 'Frozen', label: 'Hot', retired: false },
			{ value: 'Warm', label: 'Warm', retired: true }
		])
	).rejects.toMatchObject({ code: 'invalid', pointer: '/options/2/label' });
	await expect(edit([{ value: 'Cold', label: 'Cold', retired: false }])).rejects.toMatchObject({
		code: 'conflict'
	});
});

test('CRM-3: a field is renamed, made required or unique, and moved; only by administrators', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	const change = (
		input: { fieldKey: string; label: string; required?: boolean; unique?: boolean },
		who = actor
	) => run((tx) => updateField(tx, who, { required: false, unique: false, moduleKey: 'leads', ...input }));
	await change({ fieldKey: 'company', label: 'Firm', required: true });
	expect(await run((tx) => field(tx, 'company'))).toMatchObject({ label: 'Firm', required: true });
	await expect(
		run((tx) => createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'Rossi' } }))
	).rejects.toMatchObject({ pointer: '/values/company' });
	for (const label of ['firm', 'owner', 'Created at'])
		await expect(change({ fieldKey: 'city', label })).rejects.toMatchObject({ code: 'conflict' });
	await expect(change({ fieldKey: 'lastName', label: 'Last Name' })).rejects.toMatchObject({
		pointer: '/required'
	});
	for (const lastName of ['A', 'B'])
		await run((tx) =>
			createRecord(tx, actor, {
				moduleKey: 'leads',
				values: { lastName, company: 'x', email: 'same@x.example' }
			})
		);
	await expect(change({ fieldKey: 'email', label: 'Email', unique: true })).rejects.toMatchObject({
		code: 'conflict',
		message: '2 leads hold "same@x.example" as Email. Make the values different first.'
	});
	await expect(change({ fieldKey: 'rating', label: 'Rating', unique: true })).rejects.toMatchObject({
		pointer: '/unique'
	});
	const keys = (await run((tx) => getModule(tx, 'leads'))).fields.map(({ key }) => key);
	await run((tx) => orderFields(tx, actor, { moduleKey: 'leads', keys: keys.toReversed() }));
	expect((await run((tx) => getModule(tx, 'leads'))).fields.map(({ key }) => key)).toEqual(keys.toReversed());
	await expect(
		run((tx) => orderFields(tx, actor, { moduleKey: 'leads', keys: keys.slice(1) }))
	).rejects.toMatchObject({ code: 'conflict' });
	const seller = await makeUser(db, actor.orgId, rep);
	await expect(change({ fieldKey: 'city', label: 'Town' }, seller)).rejects.toMatchObject({
		code: 'forbidden'
	});
});

test('CRM-3: a field in use is not deleted, and its users are named; unused it goes and comes back with its values', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	const target = { moduleKey: 'leads', fieldKey: 'score' };
	await run((tx) => createField(tx, actor, { moduleKey: 'leads', label: 'Score', type: 'text' }));
	const id = await run((tx) =>
		createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'Rossi', score: '7' } })
	);
	const view = await run((tx) =>
		createView(tx, actor, {
			moduleKey: 'leads',
			name: 'By score',
			criteria: everything,
			columns: ['name', 'score'],
			sort: { field: 'score', direction: 'asc' },
			shared: true
		})
	);
	await run((tx) => createView(tx, actor, scored));
	await run((tx) =>
		createTemplate(tx, actor, {
			name: 'Says it',
			moduleKey: 'leads',
			subject: 'Your score {{lead.score}}',
			html: '<p>{{lead.score}} <a href="{{unsubscribeLink}}">stop</a></p>'
		})
	);
	const published = await run((tx) =>
		makeCadence(
			tx,
			actor,
			'Score them',
			draftOf({ set: { kind: 'updateField', field: 'score', value: '9' }, look: task() }, [
				['start', 'entry', 'set'],
				['set', 'done', 'look']
			])
		)
	);
	await run((tx) =>
		publishCadence(tx, actor, { cadenceId: published, expectedVersion: null, activate: true, note: '' })
	);
	await run((tx) =>
		makeCadence(
			tx,
			actor,
			'Only drawn',
			draftOf({ look: { ...task(), subject: 'Look at {{lead.score}}' } }, [['start', 'entry', 'look']])
		)
	);
	const users = await run(async (tx) =>
		fieldUsers(tx, { module: await getModule(tx, 'leads'), fieldKey: 'score' })
	);
	expect(users.map(({ kind, name, uses, blocks }) => ({ kind, name, uses, blocks }))).toEqual([
		{ kind: 'view', name: 'By score', uses: ['column', 'sort'], blocks: false },
		{ kind: 'view', name: 'Scored', uses: ['condition'], blocks: true },
		{ kind: 'cadence', name: 'Score them', uses: ['update'], blocks: true },
		{ kind: 'draft', name: 'Only drawn', uses: ['text'], blocks: false },
		{ kind: 'draft', name: 'Score them', uses: ['update'], blocks: false },
		{ kind: 'template', name: 'Says it', uses: ['text'], blocks: false }
	]);
	const remove = () => run((tx) => deleteField(tx, actor, target));
	await expect(remove()).rejects.toMatchObject({
		code: 'in_use',
		message: '"Score" is used by "Scored", "Score them". Take it out there first.'
	});
	await db.admin.execute(sql`delete from views where org_id = ${actor.orgId} and name = 'Scored'`);
	await db.admin.execute(sql`update cadences set deleted_at = now() where id = ${published}`);
	await remove();
	// Views that showed it go on, by another order.
	const list = await run((tx) => listRecords(tx, actor, { moduleKey: 'leads', viewId: view.id }));
	expect(list).toMatchObject({ sort: { field: 'createdAt' }, rows: [{ id }] });
	expect(await run(async (tx) => listDeletedFields(tx, (await getModule(tx, 'leads')).id))).toMatchObject([
		{ key: 'score' }
	]);
	// A new field of that name has a key of its own: it does not find the old values.
	expect(
		await run((tx) => createField(tx, actor, { moduleKey: 'leads', label: 'Score', type: 'text' }))
	).toBe('score2');
	const back = () => run((tx) => restoreField(tx, actor, target));
	await expect(back()).rejects.toMatchObject({ code: 'conflict' });
	await run((tx) => deleteField(tx, actor, { moduleKey: 'leads', fieldKey: 'score2' }));
	await back();
	expect((await run((tx) => getRecord(tx, actor, id))).record.data['score']).toBe('7');
	await expect(
		run((tx) => deleteField(tx, actor, { moduleKey: 'leads', fieldKey: 'company' }))
	).rejects.toMatchObject({ code: 'invalid' });
});

test('CRM-3: a field is not deleted beside somebody who stores a view with it', async ({ db }) => {
	const actor = await makeOrg(db);
	const run = <T>(work: (tx: OrgTx) => Promise<T>) => withOrg(db.web, actor.orgId, work);
	await run((tx) => createField(tx, actor, { moduleKey: 'leads', label: 'Score', type: 'number' }));
	const stored = Promise.withResolvers<void>();
	const goOn = Promise.withResolvers<void>();
	const saving = run(async (tx) => {
		await createView(tx, actor, scored);
		stored.resolve();
		await goOn.promise;
	});
	await Promise.race([stored.promise, saving]);
	const deleting = expect(
		run((tx) => deleteField(tx, actor, { moduleKey: 'leads', fieldKey: 'score' }))
	).rejects.toMatchObject({ code: 'in_use' });
	await expect
		.poll(async () => {
			const [row] = await db.admin.execute<{ n: number }>(sql`
				select count(*)::int as n from pg_locks
				where locktype = 'advisory' and not granted
					and database = (select oid from pg_database where datname = current_database())`);
			return row!.n;
		})
		.toBeGreaterThan(0);
	goOn.resolve();
	await saving;
	await deleting;
});

test('CRM-3: a field is found through lookups of other modules', async ({ db }) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	await run((tx) => createField(tx, actor, { moduleKey: 'contacts', label: 'Direct line', type: 'email' }));
	await run((tx) =>
		createTemplate(tx, actor, {
			name: 'To the contact of a deal',
			moduleKey: 'deals',
			subject: 'Hi {{deal.contact.directLine}}',
			html: '<p>{{contact.directLine}} <a href="{{unsubscribeLink}}">stop</a></p>'
		})
	);
	const users = await run(async (tx) =>
		fieldUsers(tx, { module: await getModule(tx, 'contacts'), fieldKey: 'directLine' })
	);
	expect(users).toMatchObject([{ kind: 'template', name: 'To the contact of a deal', uses: ['text'] }]);
});

test('CRM-1: a custom module is renamed without breaking texts, deleted only when empty, and restored', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const run = as(db, actor);
	const made = await run((tx) =>
		createModule(tx, actor, { singular: 'Purchase order', plural: 'Purchase orders' })
	);
	expect(made.key).toBe('purchaseOrders');
	const id = await run((tx) =>
		createRecord(tx, actor, { moduleKey: made.key, values: { recordName: 'PO 1' } })
	);
	await run((tx) => updateModule(tx, actor, { moduleKey: made.key, singular: 'Order', plural: 'Orders' }));
	const [merge] = await run((tx) => readMergeValues(tx, [{ orgId: actor.orgId, recordId: id }]));
	expect(merge!.roots).toEqual(['order', 'purchaseOrders', 'purchaseorder']);
	const views = await db.admin.execute(
		sql`select name from views where org_id = ${actor.orgId} and module_id = ${made.id} order by name`
	);
	expect(views.map(({ name }) => name)).toEqual(['All Orders', 'My Orders', "Today's Orders"]);
	await expect(
		run((tx) => updateModule(tx, actor, { moduleKey: made.key, singular: 'Lead', plural: 'leads' }))
	).rejects.toMatchObject({ code: 'conflict', pointer: '/plural' });

	const remove = () => run((tx) => deleteModule(tx, actor, made.key));
	await expect(remove()).rejects.toMatchObject({
		code: 'in_use',
		message: 'Orders cannot be deleted: 1 record.'
	});
	await run((tx) => deleteRecords(tx, actor, { moduleKey: made.key, ids: [id] }));
	await expect(remove()).rejects.toMatchObject({ message: /1 in the recycle bin/ });
	await db.admin.execute(sql`delete from records where id = ${id}`);
	await run((tx) =>
		createField(tx, actor, {
			moduleKey: 'deals',
			label: 'Order',
			type: 'lookup',
			lookupModuleKey: made.key
		})
	);
	await expect(remove()).rejects.toMatchObject({ message: /lookup field "Deals: Order"/ });
	await run((tx) => deleteField(tx, actor, { moduleKey: 'deals', fieldKey: 'order' }));
	await remove();
	expect((await run((tx) => listModules(tx))).map(({ key }) => key)).not.toContain(made.key);
	await expect(run((tx) => getModule(tx, made.key))).rejects.toMatchObject({ code: 'not_found' });
	expect(await run((tx) => listDeletedModules(tx))).toMatchObject([{ key: made.key }]);
	await run((tx) => restoreModule(tx, actor, made.key));
	expect((await run((tx) => getModule(tx, made.key))).plural).toBe('Orders');
	await expect(run((tx) => deleteModule(tx, actor, 'leads'))).rejects.toMatchObject({ code: 'invalid' });
});
