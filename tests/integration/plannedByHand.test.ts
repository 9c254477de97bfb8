import { sql } from 'drizzle-orm';
import { createActivity } from '../../src/lib/server/activities/createActivity.ts';
import { listWork } from '../../src/lib/server/activities/listWork.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { convertLead } from '../../src/lib/server/records/convertLead.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { deleteRecords } from '../../src/lib/server/records/deleteRecords.ts';
import { mergeRecords } from '../../src/lib/server/records/mergeRecords.ts';
import { updateRecord } from '../../src/lib/server/records/updateRecord.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { expect, test, type TestDatabase } from '../support/db.ts';

async function setUp(db: TestDatabase) {
	const actor = await makeOrg(db);
	const run = <T>(fn: (tx: OrgTx) => Promise<T>) => withOrg(db.web, actor.orgId, fn);
	const recordId = await run((tx) =>
		createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'Noor', phone: '+49 301 234' } })
	);
	return { actor, run, recordId };
}

test('CRM-9: a call planned by hand rings its owner at the number of the record', async ({ db }) => {
	const { actor, run, recordId } = await setUp(db);
	const dueAt = new Date(Date.now() - 60_000).toISOString();
	const call = { kind: 'call', recordId, subject: 'Ring', dueAt, remindMinutes: 15 } as const;
	const id = await run((tx) => createActivity(tx, actor, call));
	expect((await run((tx) => listWork(tx, actor))).map((item) => [item.id, item.phone])).toEqual([
		[id, '+49 301 234']
	]);
	const [row] = await db.admin.execute(sql`
		select remind_at = due_at - interval '15 minutes' as "remindsBefore" from activities where id = ${id}`);
	expect(row).toEqual({ remindsBefore: true });
	const given = await run((tx) => createActivity(tx, actor, { ...call, phone: '+1 555' }));
	expect((await run((tx) => listWork(tx, actor))).find((item) => item.id === given)?.phone).toBe('+1 555');
});

test('CRM-9: nothing is planned without a start, a subject, a record that lives and the right to edit it', async ({
	db
}) => {
	const { actor, run, recordId } = await setUp(db);
	const reading = { view: true, create: false, edit: false, delete: false };
	const reader = await makeUser(db, actor.orgId, {
		...rep,
		recordVisibility: 'all',
		modules: { leads: reading }
	});
	const plan = (who: typeof actor, change: object) =>
		expect(run((tx) => createActivity(tx, who, { kind: 'task', recordId, subject: 'Do it', ...change })))
			.rejects;
	await plan(actor, { kind: 'call' }).toMatchObject({ code: 'invalid', pointer: '/dueAt' });
	await plan(actor, { subject: ' \u200b ' }).toMatchObject({ issues: [{ path: ['subject'] }] });
	await plan(reader, {}).toMatchObject({ code: 'forbidden' });
	await run((tx) => deleteRecords(tx, actor, { moduleKey: 'leads', ids: [recordId] }));
	await plan(actor, {}).toMatchObject({
		code: 'invalid',
		pointer: '/recordId',
		message: expect.stringContaining('Restore it')
	});
});

test('CRM-5, CRM-9: on a record that was converted or merged nothing is planned; the sentence names what it became', async ({
	db
}) => {
	const { actor, run, recordId } = await setUp(db);
	const create = (lastName: string) =>
		run((tx) => createRecord(tx, actor, { moduleKey: 'leads', values: { lastName } }));
	const [winner, loser] = [await create('Stays'), await create('Goes')];
	const stranger = await makeUser(db, actor.orgId, rep);
	const plan = (id: string, who = actor) =>
		expect(
			run((tx) => createActivity(tx, who, { kind: 'task', recordId: id, subject: 'Do it' }))
		).rejects.toMatchObject({ code: 'invalid', pointer: '/recordId', message: texts[id] });
	const { contactId } = await run((tx) => convertLead(tx, actor, { recordId, account: false }));
	await run((tx) => mergeRecords(tx, actor, { moduleKey: 'leads', winnerId: winner, loserIds: [loser] }));
	const texts: Record<string, string> = {
		[recordId]: 'Noor was converted to the contact Noor. Plan it there.',
		[loser]: 'Goes was merged into the lead Stays. Plan it there.'
	};
	await plan(recordId);
	await plan(loser);
	await expect(
		run((tx) => updateRecord(tx, actor, { recordId: loser, values: { city: 'Rome' } }))
	).rejects.toMatchObject({ code: 'not_found', message: 'Goes was merged into the lead Stays.' });
	// Who may not see what it became is not told its name, and not to restore it.
	await db.admin.execute(sql`update records set owner_id = ${stranger.userId} where id = ${loser}`);
	texts[loser] = 'Goes was merged into another record.';
	await plan(loser, stranger);
	expect(
		(await run((tx) => createActivity(tx, actor, { kind: 'task', recordId: contactId, subject: 'Go on' })))
			.length
	).toBe(36);
});

test('CRM-4: a record is changed under its own module alone', async ({ db }) => {
	const { actor, run, recordId } = await setUp(db);
	const change = (moduleKey?: string) =>
		run((tx) => updateRecord(tx, actor, { recordId, moduleKey, values: { city: 'Rome' } }));
	await expect(change('contacts')).rejects.toMatchObject({ code: 'not_found' });
	expect((await change('leads')).data['city']).toBe('Rome');
	expect((await change()).data['city']).toBe('Rome');
});
