import type { Page } from '@playwright/test';
import { expect, test } from './support/test.ts';

/** Names of this attempt: a repeated one finds nothing of the one before. */
const own = () => `x${Date.now().toString(36)}`;

/** Clicks until it is heard: a page listens once its scripts run. */
const until = (act: () => Promise<void>) => expect(act).toPass();

async function newField(page: Page, label: string, type: string) {
	await until(async () => {
		await page.getByRole('button', { name: 'New field' }).click({ timeout: 1000 });
		await expect(page.getByRole('textbox', { name: 'Label' })).toBeVisible({ timeout: 1000 });
	});
	await page.getByRole('textbox', { name: 'Label' }).fill(label);
	await page.getByRole('combobox', { name: 'Type' }).click();
	await page.getByRole('option', { name: type, exact: true }).click();
}
const save = (page: Page, name = 'Create field') => page.getByRole('button', { name }).click();

test('CRM-1, CRM-3: a module of our own gets fields, takes records, and its fields are renamed, ordered, deleted and restored', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	const plural = `Shops ${own()}`;
	const path = `shopsX${plural.slice(7)}`;
	await page.goto('/setup/modules');
	const dialog = page.getByRole('dialog', { name: 'New module' });
	await until(async () => {
		await page.getByRole('button', { name: 'New module' }).click({ timeout: 1000 });
		await expect(dialog).toBeVisible({ timeout: 1000 });
	});
	await dialog.getByLabel('One record').fill('Shop');
	await dialog.getByLabel('Many records').fill('Leads');
	await dialog.getByRole('button', { name: 'Create module' }).click();
	await expect(dialog.getByText('There is already a module "Leads".')).toBeVisible();
	await dialog.getByLabel('Many records').fill(plural);
	await dialog.getByRole('button', { name: 'Create module' }).click();
	await expect(page.getByRole('heading', { name: plural, level: 1 })).toBeVisible();

	await newField(page, 'Level', 'Picklist');
	await page.getByLabel('Value 1').fill('Basic');
	await page.keyboard.press('Enter');
	await page.getByLabel('Value 2').fill('Expert');
	await save(page);
	await expect(page.getByText('Basic, Expert')).toBeVisible();
	await newField(page, 'Seats', 'Number');
	await save(page);
	const fields = page.getByRole('table', { name: /^Fields of Shops/ });
	await expect(fields.getByRole('button', { name: 'Seats', exact: true })).toBeVisible();

	await page.goto(`/${path}/new`);
	await until(async () => {
		await page.getByLabel('Shop Name').fill('Monday group', { timeout: 1000 });
		await page.getByLabel('Level').click({ timeout: 1000 });
		await page.getByRole('option', { name: 'Expert' }).click({ timeout: 1000 });
	});
	await page.getByRole('button', { name: 'Save shop' }).click();
	await expect(page.getByRole('heading', { name: 'Monday group', level: 1 })).toBeVisible();

	await page.goto(`/setup/modules/${path}`);
	await until(async () => {
		await fields.getByRole('button', { name: 'Level', exact: true }).click({ timeout: 1000 });
		await expect(page.getByLabel('Value 2')).toBeVisible({ timeout: 1000 });
	});
	await page.getByRole('textbox', { name: 'Label' }).fill('Grade');
	await page.getByLabel('Value 2').fill('Master');
	await page.getByRole('button', { name: 'Move Master up' }).click();
	await page.getByRole('button', { name: 'Retire Basic' }).click();
	await save(page, 'Save field');
	await expect(fields.getByRole('button', { name: 'Grade', exact: true })).toBeVisible();

	// By keyboard: Seats goes above Grade, and stays there.
	const grip = page.getByRole('button', { name: /^Move Seats/ });
	const saved = page.waitForResponse((response) => response.url().endsWith('/order'));
	await grip.press('ArrowUp');
	expect((await saved).ok()).toBe(true);
	await page.reload();
	await expect(fields.locator('tbody tr').nth(1)).toContainText('Seats');
	await page.goto(`/${path}`);
	await page.getByRole('link', { name: 'Monday group' }).click();
	await expect(page.getByText('Master')).toBeVisible();

	await page.goto(`/setup/modules/${path}`);
	const remove = page.getByRole('dialog', { name: 'Delete “Seats”?' });
	await until(async () => {
		await page.getByRole('button', { name: 'Change Seats' }).click({ timeout: 1000 });
		await page.getByRole('menuitem', { name: 'Delete' }).click({ timeout: 1000 });
		await expect(remove).toBeVisible({ timeout: 1000 });
	});
	await remove.getByRole('button', { name: 'Delete field' }).click();
	await expect(fields.getByRole('button', { name: 'Seats', exact: true })).toBeHidden();
	await page.getByRole('button', { name: 'Restore Seats' }).click();
	await expect(fields.getByRole('button', { name: 'Seats', exact: true })).toBeVisible();
});

test('CRM-3: a field that a view uses is not deleted: the dialog names the view and leads there', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	const code = own();
	await page.goto('/setup/modules/deals');
	await newField(page, `Region ${code}`, 'Text');
	await save(page);
	await expect(page.getByRole('button', { name: `Region ${code}`, exact: true })).toBeVisible();
	const filter = encodeURIComponent(
		JSON.stringify({ field: `regionX${code.slice(1)}`, op: 'is', value: 'EU' })
	);
	await page.goto(`/deals/views/new?filter=${filter}`);
	await expect(page.getByText('0 deals match now.')).toBeVisible();
	await page.getByRole('textbox', { name: 'Name' }).fill(`Deals ${code}`);
	await page.getByRole('button', { name: 'Save view' }).click();
	await expect(page).toHaveURL(/\/deals\?view=/);
	await page.goto('/setup/modules/deals');
	const dialog = page.getByRole('dialog', { name: `Delete “Region ${code}”?` });
	await until(async () => {
		await page.getByRole('button', { name: `Change Region ${code}` }).click({ timeout: 1000 });
		await page.getByRole('menuitem', { name: 'Delete' }).click({ timeout: 1000 });
		await expect(dialog).toBeVisible({ timeout: 1000 });
	});
	await expect(dialog.getByRole('button', { name: 'Delete field' })).toBeDisabled();
	await dialog.getByRole('link', { name: `Deals ${code}` }).click();
	await expect(page).toHaveURL(/\/deals\/views\//);
});

test('CRM-3: without the rights of an administrator the fields can be read, not changed', async ({
	pageAs,
	product
}) => {
	const page = await pageAs('Rep');
	await page.goto('/setup/modules/leads');
	await expect(page.getByText('Last Name')).toBeVisible();
	await expect(page.getByRole('button', { name: 'New field' })).toBeHidden();
	const answer = await page.request.post('/setup/modules/leads/order', {
		data: { keys: [] },
		headers: { origin: product.origin }
	});
	expect(answer.status()).toBe(403);
	expect(await answer.json()).toMatchObject({ message: expect.stringContaining('administrator') });
});
