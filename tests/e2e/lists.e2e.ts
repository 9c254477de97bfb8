import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from './support/test.ts';

/** A page listens once its scripts run. */
const until = (act: () => Promise<void>) => expect(act).toPass();
const partners = (more = '') =>
	`/leads?filter=${encodeURIComponent('{"field":"leadSource","op":"is","value":"Partner"}')}${more}`;

async function chooseAction(page: Page, ...items: string[]) {
	await until(async () => {
		await page.getByRole('button', { name: 'Actions' }).click({ timeout: 1000 });
		await expect(page.getByRole('menuitem', { name: 'Cadences' })).toBeVisible({ timeout: 1000 });
	});
	for (const name of items) await page.getByRole('menuitem', { name, exact: true }).click();
}

test('CRM-7: a cell is changed by keys alone and taken back', async ({ pageAs }) => {
	const page = await pageAs('Administrator');
	await page.goto('/accounts?sort=name:asc');
	const cell = page.locator('[data-cell="1-1"]');
	const before = ((await cell.textContent()) ?? '').trim();
	const wanted = before === 'Retail' ? 'Medical' : 'Retail';
	await until(async () => {
		await page.locator('[data-row-link="0"]').focus();
		await page.keyboard.press('j');
		await expect(page.locator('[data-row-link="1"]')).toBeFocused({ timeout: 1000 });
	});
	await page.keyboard.press('ArrowRight');
	await expect(cell).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(cell.getByRole('combobox')).toBeFocused();
	await page.keyboard.press('Enter');
	await page.getByRole('option', { name: wanted, exact: true }).click();
	await expect(cell).toHaveText(wanted);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(cell).toHaveText(before);
});

test('CRM-7: columns are chosen and widened for one person, and stay', async ({ pageAs }) => {
	const page = await pageAs('Administrator');
	await page.goto('/contacts');
	const panel = page.getByRole('dialog', { name: 'Columns' });
	await until(async () => {
		await page.getByRole('button', { name: 'Columns' }).click({ timeout: 1000 });
		await expect(panel).toBeVisible({ timeout: 1000 });
	});
	await panel.getByRole('button', { name: 'Remove Title' }).click();
	await panel.getByRole('button', { name: 'Move Phone up' }).click();
	await panel.getByRole('button', { name: 'Save columns' }).click();
	const heads = page.getByRole('columnheader');
	await expect(heads.filter({ hasText: 'Title' })).toHaveCount(0);
	const names = (await heads.allTextContents()).map((text) => text.trim()).filter(Boolean);
	expect(names.indexOf('Phone')).toBeLessThan(names.indexOf('Email'));
	const saved = page.waitForResponse((response) => response.url().endsWith('/layout'));
	await page.getByRole('button', { name: /^Width of Email/ }).press('ArrowRight');
	expect((await saved).ok()).toBe(true);
	const width = await heads.filter({ hasText: 'Email' }).evaluate((head) => head.clientWidth);
	await page.reload();
	await expect(heads.filter({ hasText: 'Title' })).toHaveCount(0);
	expect(await heads.filter({ hasText: 'Email' }).evaluate((head) => head.clientWidth)).toBe(width);

	const other = await pageAs('Manager');
	await other.goto('/contacts');
	await expect(other.getByRole('columnheader', { name: 'Title' })).toBeVisible();

	await until(async () => {
		await page.getByRole('button', { name: 'Columns' }).click({ timeout: 1000 });
		await panel.getByRole('button', { name: 'As the view has them' }).click({ timeout: 1000 });
	});
	await expect(heads.filter({ hasText: 'Title' })).toHaveCount(1);
});

test('CRM-4: selected leads get a value and a tag; the selected ones alone leave as CSV', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await page.goto(partners('&sort=name:asc'));
	const ticks = page.locator('tbody').getByRole('checkbox');
	await until(async () => {
		await ticks.nth(0).check({ timeout: 1000 });
		await ticks.nth(2).check({ timeout: 1000 });
		await expect(page.getByText('2 leads selected')).toBeVisible({ timeout: 1000 });
	});
	const download = page.waitForEvent('download');
	await chooseAction(page, 'Export as CSV', 'Selected rows only');
	const file = (await readFile(await (await download).path(), 'utf8')).trim().split('\r\n');
	expect(file).toHaveLength(3);

	await chooseAction(page, 'Change', 'A field');
	const dialog = page.getByRole('dialog', { name: 'Change a field of 2 leads' });
	await dialog.getByRole('combobox', { name: 'Field' }).click();
	await page.getByRole('option', { name: 'City' }).click();
	await dialog.getByLabel('New value').fill('Lisbon');
	await dialog.getByRole('button', { name: 'Change 2 leads' }).click();
	await expect(page.getByText('2 changed.')).toBeVisible();
	await page.goto(
		`/leads?filter=${encodeURIComponent('{"all":[{"field":"leadSource","op":"is","value":"Partner"},{"field":"city","op":"is","value":"Lisbon"}]}')}`
	);
	await expect(page.locator('tbody tr')).toHaveCount(2);
});

test('CRM-7: pages are walked back from far away', async ({ pageAs }) => {
	const page = await pageAs('Administrator');
	await page.goto('/leads?sort=name:asc');
	const first = page.locator('[data-row-link="0"]');
	const names = [await first.textContent()];
	for (let step = 2; step <= 4; step += 1) {
		await page.getByRole('link', { name: 'Next' }).click();
		await expect(page).toHaveURL(new RegExp(`page=${step}`));
		await expect(first).not.toHaveText(names.at(-1) ?? '');
		names.push(await first.textContent());
	}
	// The address alone leads back, without the steps that led there.
	await page.goto(page.url());
	for (const [place, name] of names.slice(0, -1).toReversed().entries()) {
		await page.getByRole('link', { name: 'Previous' }).click();
		await expect(first, `step ${place}`).toHaveText(name ?? '');
	}
	await expect(page).not.toHaveURL(/after=|before=/);
});

test('CRM-7: a deal moves to the next stage by keys, and the address keeps the board', async ({ pageAs }) => {
	const page = await pageAs('Administrator');
	await page.goto('/deals');
	await page.getByRole('link', { name: 'Show as a board' }).click();
	await expect(page).toHaveURL(/board=stage/);
	await expect(page.locator('html')).toHaveAttribute('data-ready', '');
	const columns = page.getByRole('region');
	const from = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Qualification' }) });
	const to = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Needs Analysis' }) });
	const card = from.locator('[data-card]').first();
	const id = (await card.getAttribute('data-card')) ?? '';
	expect(await columns.count()).toBeGreaterThan(5);
	await card.focus();
	const stored = page.waitForResponse((response) => response.url().endsWith('/deals/cell'));
	// Once alone: a second press would take the next card along.
	await page.keyboard.press('Alt+ArrowRight');
	await expect(to.locator(`[data-card="${id}"]`)).toBeFocused();
	expect((await stored).ok()).toBe(true);
	await page.reload();
	await expect(to.locator(`[data-card="${id}"]`)).toBeVisible();
});

test('CRM-7: a deal is dragged to another stage', async ({ pageAs }) => {
	const page = await pageAs('Administrator');
	await page.goto('/deals?board=stage');
	await expect(page.locator('html')).toHaveAttribute('data-ready', '');
	const stage = (name: string) =>
		page.locator('section').filter({ has: page.getByRole('heading', { name }) });
	const card = stage('Prospecting').locator('[data-card]').first();
	const id = (await card.getAttribute('data-card')) ?? '';
	const stored = page.waitForResponse((response) => response.url().endsWith('/deals/cell'));
	await card.dragTo(stage('Qualification').locator('[data-card]').first());
	await expect(stage('Qualification').locator(`[data-card="${id}"]`)).toBeVisible();
	expect((await stored).ok()).toBe(true);
	// A column shows the newest alone, so the deal itself is asked.
	await page.goto(`/deals/${id}`);
	await expect(page.getByText('Qualification', { exact: true })).toBeVisible();
});

test('CRM-4: an import is taken back from its result page', async ({ pageAs }) => {
	const page = await pageAs('Administrator');
	await page.goto('/vendors/import');
	const name = `Vendor ${Date.now()}`;
	await until(async () => {
		await page.setInputFiles('input[type=file]', {
			name: 'vendors.csv',
			mimeType: 'text/csv',
			buffer: Buffer.from(`Vendor Name,Email\n${name},v@x.example\n,w@x.example\n`)
		});
		await expect(page).toHaveURL(/\/vendors\/import\/.+/, { timeout: 3000 });
	});
	await page.getByRole('button', { name: /^Import \d/ }).click();
	await expect(page.getByText('1 vendor created.')).toBeVisible();
	await expect(page.getByText('Vendor Name is required.')).toBeVisible();
	await page.getByRole('button', { name: 'Undo import' }).click();
	const dialog = page.getByRole('dialog', { name: 'Undo the import?' });
	await expect(dialog.getByText('1 created vendor goes to the recycle bin')).toBeVisible();
	await dialog.getByRole('button', { name: 'Undo import' }).click();
	await expect(page.getByText('1 created record moved to the recycle bin')).toBeVisible();
	await page.goto('/vendors');
	await expect(page.getByRole('link', { name })).toBeHidden();
});
