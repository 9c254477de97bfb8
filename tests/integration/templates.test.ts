import { sql } from 'drizzle-orm';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { createSender } from '../../src/lib/server/senders/createSender.ts';
import { listSenders } from '../../src/lib/server/senders/listSenders.ts';
import { createTemplate } from '../../src/lib/server/templates/createTemplate.ts';
import { getTemplate } from '../../src/lib/server/templates/getTemplate.ts';
import { listTemplates } from '../../src/lib/server/templates/listTemplates.ts';
import { previewTemplate } from '../../src/lib/server/templates/previewTemplate.ts';
import { readMergeValues } from '../../src/lib/server/templates/readMergeValues.ts';
import { updateTemplate } from '../../src/lib/server/templates/updateTemplate.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';

const hello = {
	name: 'Hello',
	moduleKey: 'leads',
	subject: 'Hi {{lead.firstName | default: "there"}}',
	html: '<p>Hello {{lead.lastName}} from {{owner.name}}</p>'
};

describe('templates', () => {
	test('CHA-1: HTML goes through the allow-list when it is saved; merge fields stay', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const { id } = await createTemplate(tx, actor, {
				...hello,
				html:
					'<p onclick="x()" style="color:red;position:fixed">a {{lead.lastName | default: "you"}}</p><script>alert(1)</script>' +
					'<a href="javascript:x">b</a><a href="{{unsubscribeLink}}">c</a><iframe src="https://e.example"></iframe>' +
					'<img src="https://e.example/x.png" onerror="x()"><form action="https://e.example"><input></form>'
			});
			const { html } = await getTemplate(tx, actor, id);
			for (const bad of ['onclick', 'script', 'javascript', 'iframe', 'onerror', 'form', 'input', 'position'])
				expect(html).not.toContain(bad);
			expect(html).toContain('color:red');
			expect(html).toContain('{{lead.lastName | default: "you"}}');
			expect(html).toContain('<a href="{{unsubscribeLink}}">c</a>');
		});
	});

	test('GRA-9: a merge field that names nothing is refused with its place', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const make = (over: Partial<typeof hello>) => createTemplate(tx, actor, { ...hello, ...over });
			await expect(make({ subject: '{{lead.nope}}' })).rejects.toMatchObject({
				code: 'invalid',
				pointer: '/subject'
			});
			await expect(make({ html: '<p>{{deal.amount}}</p>' })).rejects.toMatchObject({ pointer: '/html' });
			await expect(make({ html: '<p>{{lead.lastName</p>' })).rejects.toMatchObject({ pointer: '/html' });
			await expect(createTemplate(tx, actor, { ...hello, moduleKey: null })).rejects.toThrow(
				'record.firstName'
			);
			await createTemplate(tx, actor, {
				...hello,
				moduleKey: null,
				subject: 'Hi',
				html: '<p>{{record.name}}</p>'
			});
		});
	});

	test('VER-3: each save is a new version; a stale editor is told', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const { id } = await createTemplate(tx, actor, hello);
			const save = (subject: string, expectedVersion: number) =>
				updateTemplate(tx, actor, id, { ...hello, subject, expectedVersion });
			expect(await save('Two', 1)).toEqual({ version: 2 });
			await expect(save('Stale', 1)).rejects.toMatchObject({ code: 'conflict' });
			expect(await getTemplate(tx, actor, id)).toMatchObject({ subject: 'Two', version: 2 });
			expect(await listTemplates(tx, actor, { moduleKey: 'leads' })).toMatchObject([
				{ name: 'Hello', usedBy: [] }
			]);
			expect(await listTemplates(tx, actor, { moduleKey: 'deals' })).toEqual([]);
			await expect(createTemplate(tx, actor, { ...hello, name: 'HELLO' })).rejects.toMatchObject({
				code: 'conflict'
			});
		});
	});

	test('CHA-1: the preview shows a real record, escaped; not one the viewer may not see', async ({ db }) => {
		const actor = await makeOrg(db);
		const other = await makeUser(db, actor.orgId, rep, 'Rita Rep');
		await withOrg(db.web, actor.orgId, async (tx) => {
			const recordId = await createRecord(tx, actor, {
				moduleKey: 'leads',
				values: { firstName: 'A\u2028Bcc: x@y.z', lastName: '<script>1</script>', annualRevenue: 1234.5 }
			});
			const preview = await previewTemplate(tx, actor, { recordId, ...hello });
			expect(preview.html).toBe('<p>Hello &lt;script&gt;1&lt;/script&gt; from Ada Admin</p>');
			expect(preview.subject).toBe('Hi A Bcc: x@y.z');
			await expect(previewTemplate(tx, other, { recordId, ...hello })).rejects.toMatchObject({
				code: 'not_found'
			});
		});
	});

	test('GRA-8: merge values of a set come in order, through lookups, from the record’s own organization', async ({
		db
	}) => {
		const actor = await makeOrg(db);
		const stranger = await makeOrg(db);
		const made = await withOrg(db.web, actor.orgId, async (tx) => {
			const account = await createRecord(tx, actor, {
				moduleKey: 'accounts',
				values: { name: 'Acme' }
			}).catch(() => createRecord(tx, actor, { moduleKey: 'accounts', values: { accountName: 'Acme' } }));
			const contact = await createRecord(tx, actor, {
				moduleKey: 'contacts',
				values: { lastName: 'Lovelace', account }
			});
			const sender = await createSender(tx, actor, { name: 'Sales', address: 'Sales@Mail.example' });
			return { account, contact, senderId: sender.id };
		});
		const { orgId } = actor;
		const [gone, contact, foreign] = await readMergeValues(db.worker, [
			{ orgId, recordId: orgId },
			{ orgId, recordId: made.contact, senderId: made.senderId },
			{ orgId: stranger.orgId, recordId: made.contact }
		]);
		expect([gone, foreign]).toEqual([undefined, undefined]);
		expect(contact).toMatchObject({
			roots: ['contact', 'contacts'],
			record: { lastName: 'Lovelace', account: 'Acme', owner: 'Ada Admin' },
			related: { account: { name: 'Acme' } },
			sender: { name: 'Sales', address: 'sales@mail.example' },
			owner: { name: 'Ada Admin' }
		});
	});

	test('PER-2: who only enrolls saves no templates; only administrators add senders', async ({ db }) => {
		const actor = await makeOrg(db);
		const other = await makeUser(db, actor.orgId, rep);
		await withOrg(db.web, actor.orgId, async (tx) => {
			await expect(createTemplate(tx, other, hello)).rejects.toMatchObject({ code: 'forbidden' });
			const sender = { name: 'Sales', address: 'sales@mail.example' };
			// S10: a name ends up in a header.
			await expect(createSender(tx, actor, { ...sender, name: 'Sales\r\nBcc: x@y.example' })).rejects.toThrow(
				'one line'
			);
			await expect(createSender(tx, other, sender)).rejects.toMatchObject({ code: 'forbidden' });
			await createSender(tx, actor, { ...sender, userId: other.userId });
			await expect(
				createSender(tx, actor, { ...sender, address: 'SALES@mail.example' })
			).rejects.toMatchObject({
				code: 'conflict'
			});
			for (const address of [
				'a@b@c.example',
				'a, b@c.example',
				'"a"@c.example',
				'a\n@c.example',
				'a@localhost'
			])
				await expect(createSender(tx, actor, { ...sender, address })).rejects.toThrow();
			expect(await listSenders(tx, actor)).toMatchObject([
				{ address: 'sales@mail.example', user: { id: other.userId } }
			]);
			const audit = await tx.execute(
				sql`select count(*)::int as n from audit_entries where action = 'sender.create'`
			);
			expect(audit[0]).toEqual({ n: 1 });
		});
	});
});
