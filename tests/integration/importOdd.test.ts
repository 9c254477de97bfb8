import { sql } from 'drizzle-orm';
import { createRecords } from '../../src/lib/server/records/createRecords.ts';
import { makeOrg } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';
import { as, csv, importFile } from '../support/imports.ts';

test('CRM-4: one row whose name is cut inside a character, or whose address is longer than any, fails no other', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const long = Array.from({ length: 999 }, (_, i) =>
		String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))
	).join('');
	const done = await importFile(db, actor, {
		moduleKey: 'leads',
		content: csv(
			'Last Name,Email',
			`${'a'.repeat(499)}😀,a@leads.example`,
			`Rossi,${long}`,
			'Mishra,m@leads.example'
		)
	});
	expect(done).toMatchObject({ status: 'done', error: null, failed: 1, created: 2 });
	const names = await db.admin.execute<{ name: string }>(sql`
		select name from records where org_id = ${actor.orgId} and name like 'a%'`);
	expect(names.map(({ name }) => name)).toEqual([`${'a'.repeat(499)}\ufffd`]);
});

test('CRM-4: half a character that a program sends is stored as what it is, with the rows beside it', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const rows = [{ lastName: 'Half \ud83d' }, { lastName: 'Whole', tags: ['\udc00'] }];
	const made = await as(db, actor)((tx) => createRecords(tx, actor, { moduleKey: 'leads', rows }));
	expect(made).toHaveLength(2);
	const stored = await db.admin.execute<{ name: string }>(sql`
		select name from records where org_id = ${actor.orgId} order by name`);
	expect(stored.map(({ name }) => name)).toEqual(['Half \ufffd', 'Whole']);
});
