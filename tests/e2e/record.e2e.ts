import type { Page } from '@playwright/test';
import postgres from 'postgres';
import { expect, test } from './support/test.ts';

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
		await expect(page.getByText(`${done} 1 record`)).toBeVisible();
		await expect(dialog).toBeHidden();
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
