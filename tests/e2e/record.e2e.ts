import type { Page } from '@playwright/test';
import postgres from 'postgres';
import { demoSignIns } from '../../src/lib/server/demo/signIns.ts';
import { expect, test } from './support/test.ts';

const admin = demoSignIns.find(({ profile }) => profile === 'Administrator')!;

/** A lead with a live run that stands at an action with others behind it. */
async function runningLead(login: string) {
	const sql = postgres(login, { max: 1 });
	try {
		const [found] = await sql<{ lead: string; name: string; enrollment: string; cadence: string }[]>`
			select e.record_id as lead, r.name, e.id as enrollment, c.name as cadence
			from enrollments e join records r on r.org_id = e.org_id and r.id = e.record_id
			join cadences c on c.org_id = e.org_id and c.id = e.cadence_id
			where e.status = 'active' and c.state = 'active' and e.follow_up = 1
				and r.deleted_at is null and e.due_at > app.now() + interval '1 hour'
			order by e.id limit 1`;
		return found!;
	} finally {
		await sql.end();
	}
}

async function openMenu(page: Page, name: string) {
	await expect(async () => {
		await page.getByRole('button', { name: `Actions for ${name}` }).click({ timeout: 1000 });
		await expect(page.getByRole('menu')).toBeVisible({ timeout: 1000 });
	}).toPass();
}

test('CRM-8, ENR-8, REE-1: a row of the Cadences list is paused until a date, goes on, is sent on, un-enrolled, resumed and restarted', async ({
	pageAs,
	product
}) => {
	const { lead, name, cadence } = await runningLead(product.logins.owner);
	const page = await pageAs('Administrator');
	await page.goto(`/leads/${lead}`);
	const list = page.getByRole('table', { name: 'Cadences of this record' });
	const row = list.getByRole('row').filter({ has: page.getByRole('link', { name: cadence }) });
	const dialog = page.getByRole('dialog');
	const start = async (act: string) => {
		await openMenu(page, cadence);
		await page.getByRole('menuitem', { name: act, exact: true }).click();
		await expect(dialog).toContainText(`${act} ${name} in ${cadence}?`);
	};
	const confirm = async (act: string, done: string) => {
		await dialog.getByRole('button', { name: act, exact: true }).click();
		await expect(dialog).toBeHidden();
		// The toast of the same step some seconds ago may still stand beside it.
		await expect(page.getByText(`${done} 1 record`).first()).toBeVisible();
	};

	await start('Pause');
	const nextYear = new Date().getFullYear() + 1;
	await dialog.getByLabel('Until').fill(`${nextYear}-03-01T09:00`);
	await confirm('Pause', 'Paused');
	await expect(row).toContainText('Paused');
	await expect(row).toContainText('until');

	await start('Resume');
	await confirm('Resume', 'Resumed');
	await expect(row).toContainText('Active');

	await start('Un-enroll');
	await dialog.getByLabel('Reason').fill('Asked for a break');
	await confirm('Un-enroll', 'Un-enrolled');
	await expect(row).toContainText('Asked for a break');
	await start('Resume');
	await confirm('Resume', 'Resumed');
	await expect(row).toContainText('Active');

	await start('Un-enroll');
	await confirm('Un-enroll', 'Un-enrolled');
	await start('Restart');
	await dialog.getByLabel('Start at').click();
	await page.getByRole('option').nth(2).click();
	await confirm('Restart', 'Restarted');
	await expect(row).toContainText('run 2');
	await expect(row.getByRole('cell').nth(3)).toContainText('Follow-up 2');

	await start('Skip forward');
	await dialog.getByLabel('Skip to').click();
	await page.getByRole('option').last().click();
	await confirm('Skip forward', 'Sent on');
	await expect(row.getByRole('cell').nth(3)).toContainText('Follow-up 4');
});

test('CRM-8: columns of the Cadences list are chosen and ordered by each person, and stay', async ({
	pageAs,
	product
}) => {
	const { lead } = await runningLead(product.logins.owner);
	const page = await pageAs('Manager');
	await page.goto(`/leads/${lead}`);
	const heads = page.getByRole('table', { name: 'Cadences of this record' }).getByRole('columnheader');
	const picker = page.getByRole('dialog', { name: 'Columns' });
	await expect(async () => {
		await page.getByRole('button', { name: 'Choose columns' }).click({ timeout: 1000 });
		await expect(picker).toBeVisible({ timeout: 1000 });
	}).toPass();
	await picker.getByRole('button', { name: 'Usual columns' }).click();
	await picker.getByRole('button', { name: 'Move Status up' }).click();
	await picker.getByRole('button', { name: 'Remove Last response' }).click();
	await expect(heads.nth(0)).toHaveText('Status');
	const kept = page.waitForResponse((response) => response.url().endsWith('/profile/cadence-columns'));
	await picker.getByRole('button', { name: 'Remove Started' }).click();
	expect((await kept).status()).toBe(204);
	await page.reload();
	await expect(heads.nth(0)).toHaveText('Status');
	await expect(heads.filter({ hasText: 'Last response' })).toHaveCount(0);
	const other = await pageAs('Administrator');
	await other.goto(`/leads/${lead}`);
	await expect(
		other.getByRole('table', { name: 'Cadences of this record' }).getByRole('columnheader').nth(0)
	).toHaveText('Cadence');
});

test('PER-2: who may only look sees the related list without a way to change anything', async ({
	pageAs,
	product
}) => {
	const { lead, cadence } = await runningLead(product.logins.owner);
	const page = await pageAs('View only');
	await page.goto(`/leads/${lead}`);
	await openMenu(page, cadence);
	await expect(page.getByRole('menuitem')).toHaveText(['Why is it not moving?']);
	await page.getByRole('menuitem').click();
	await expect(page.getByText(/^It waits until/)).toBeVisible();
});

/** Two leads with one e-mail address; `nameless` has no first name, but a company. */
async function giveDuplicates(login: string, surname: string) {
	const sql = postgres(login, { max: 1 });
	try {
		const made = await sql<{ id: string; name: string }[]>`
			insert into records (org_id, id, module_id, name, owner_id, data, search)
			select m.org_id, app.new_id(), m.id, v.name, u.id,
				v.data || jsonb_build_object('lastName', ${surname}::text, 'email', ${`${surname}@twins.example`}::text),
				lower(${`${surname} ${surname}@twins.example`}::text)
			from modules m join users u on u.org_id = m.org_id and u.email = ${admin.email}
			cross join (values (1, ${`Jo ${surname}`}::text, '{"firstName": "Jo"}'::jsonb),
				(2, ${surname}::text, '{"company": "Twins Ltd"}'::jsonb)) as v(n, name, data)
			where m.key = 'leads' order by v.n returning id, name`;
		return made;
	} finally {
		await sql.end();
	}
}

test('CRM-5: duplicates are found on the record, compared field by field, and become one', async ({
	pageAs,
	product
}) => {
	const surname = `Twin${Date.now()}`;
	const [named, nameless] = await giveDuplicates(product.logins.owner, surname);
	const page = await pageAs('Administrator');
	await page.goto(`/leads/${nameless!.id}`);
	await expect(page.getByText('Possible duplicate, with the same e-mail or phone')).toBeVisible();
	await page.getByRole('link', { name: 'Compare and merge' }).click();
	await expect(page.getByRole('heading', { name: 'Merge 2 leads' })).toBeVisible();
	const stays = page.getByRole('radio', { name: new RegExp(`^${surname} created`) });
	await expect(async () => {
		await stays.check({ timeout: 1000 });
		await expect(stays).toBeChecked();
	}).toPass();
	// What the one that stays does not have comes from the other.
	await expect(page.getByRole('radio', { name: `First Name of Jo ${surname}` })).toBeChecked();
	await page.getByRole('radio', { name: `Company of Jo ${surname}` }).check();
	await page.getByRole('button', { name: 'Merge 2 leads' }).click();
	const dialog = page.getByRole('dialog', { name: `Merge into ${surname}?` });
	await expect(dialog).toContainText('This cannot be undone.');
	await dialog.getByRole('button', { name: 'Merge 2 leads' }).click();
	await expect(page).toHaveURL(new RegExp(`/leads/${nameless!.id}$`));
	await expect(page.getByRole('heading', { name: `Jo ${surname}`, level: 1 })).toBeVisible();
	await expect(page.getByText('Twins Ltd')).toBeHidden();
	await expect(page.getByText('Possible duplicate')).toBeHidden();
	await page.goto(`/leads/${named!.id}`);
	await expect(page.getByText('This lead was merged into')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Restore' })).toBeHidden();
});

test('CRM-5, CRM-7: records ticked in a list are merged from its Actions menu', async ({
	pageAs,
	product
}) => {
	const surname = `Pair${Date.now()}`;
	await giveDuplicates(product.logins.owner, surname);
	const page = await pageAs('Administrator');
	await page.goto(`/leads?q=${surname}`);
	await expect(async () => {
		await page.getByRole('checkbox', { name: 'Select the rows of this page' }).check({ timeout: 1000 });
		await expect(page.getByText('2 leads selected')).toBeVisible({ timeout: 1000 });
	}).toPass();
	await page.getByRole('button', { name: 'Actions', exact: true }).click();
	await page.getByRole('menuitem', { name: 'Merge' }).click();
	await expect(page.getByRole('heading', { name: 'Merge 2 leads' })).toBeVisible();
	await expect(page.getByRole('row').filter({ hasText: 'Company' })).toContainText('Twins Ltd');
});

test('CRM-5: a converted lead leads on to its contact and deal, and enters no cadence any more', async ({
	pageAs,
	product
}) => {
	const surname = `Turn${Date.now()}`;
	const [lead] = await giveDuplicates(product.logins.owner, surname);
	const page = await pageAs('Administrator');
	await page.goto(`/leads/${lead!.id}`);
	await expect(page.getByRole('button', { name: 'Enroll' })).toBeVisible();
	await expect(async () => {
		await page.getByRole('button', { name: 'More actions' }).click({ timeout: 1000 });
		await page.getByRole('menuitem', { name: 'Convert' }).click({ timeout: 1000 });
	}).toPass();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Deal').fill(`${surname} deal`);
	await dialog.getByRole('button', { name: 'Convert' }).click();
	await expect(page).toHaveURL(/\/contacts\//);
	await expect(dialog).toBeHidden();
	await page.goto(`/leads/${lead!.id}`);
	await expect(page.getByText('This lead was converted')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Enroll' })).toBeHidden();
	await page.getByRole('link', { name: `${surname} deal` }).click();
	await expect(page.getByRole('heading', { name: `${surname} deal`, level: 1 })).toBeVisible();
});
