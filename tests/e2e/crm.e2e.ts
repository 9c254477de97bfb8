import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from './support/test.ts';

/** Some sixty leads of the demo, more than one page of the list. */
const partners = `/leads?filter=${encodeURIComponent('{"field":"leadSource","op":"is","value":"Partner"}')}`;

/** Opens a dialog of the list's Actions menu with the cadence chosen. */
async function openCadenceDialog(page: Page, action: 'Enroll' | 'Un-enroll') {
	await page.getByRole('button', { name: 'Actions' }).click();
	await page.getByRole('menuitem', { name: 'Cadences' }).click();
	await page.getByRole('menuitem', { name: action, exact: true }).click();
	const dialog = page.getByRole('dialog');
	const chosen = dialog.getByLabel('Cadence');
	await expect(chosen).toBeVisible();
	if (!(await chosen.textContent())?.includes('Webinar follow-up')) {
		await chosen.click();
		await page.getByRole('option', { name: /Webinar follow-up/ }).click();
	}
	return dialog;
}

async function selectAll(page: Page): Promise<number> {
	// Ticking is heard once the page's scripts run.
	const all = page.getByRole('button', { name: /^Select all [\d,]+ in this view$/ });
	await expect(async () => {
		await page.getByRole('checkbox', { name: 'Select the rows of this page' }).check({ timeout: 1000 });
		await expect(all).toBeVisible({ timeout: 1000 });
	}).toPass();
	const total = Number(/all ([\d,]+) in/.exec((await all.textContent()) ?? '')?.[1]?.replaceAll(',', ''));
	await all.click();
	await expect(page.getByText(`All ${total} leads in this view selected`)).toBeVisible();
	return total;
}

const numberIn = (text: string | null, pattern: RegExp) =>
	Number((pattern.exec(text ?? '')?.[1] ?? '0').replaceAll(',', ''));

test('CRM-7, ENR-6: all N of a view: the dry run says who is enrolled and who is skipped, and so it happens', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await page.goto(partners);
	const total = await selectAll(page);
	expect(total).toBeGreaterThan(50);
	const dialog = await openCadenceDialog(page, 'Enroll');
	const told = dialog.getByText('will be enrolled');
	await expect(told).toBeVisible();
	const [enrolled, skipped] = [
		numberIn(await told.textContent(), /([\d,]+) leads?\s+will/),
		numberIn(await told.textContent(), /([\d,]+)\s+skipped/)
	];
	expect(enrolled).toBeGreaterThan(0);
	expect(enrolled + skipped).toBe(total);
	await dialog.getByRole('button', { name: `Enroll ${enrolled} leads` }).click();
	await expect(dialog.getByText(`${enrolled} leads were enrolled`)).toBeVisible();
	await dialog.getByRole('button', { name: 'Close' }).last().click();

	await selectAll(page);
	const undo = await openCadenceDialog(page, 'Un-enroll');
	const leave = undo.getByText('will be un-enrolled');
	await expect(leave).toBeVisible();
	const live = numberIn(await leave.textContent(), /([\d,]+) leads?\s+will/);
	expect(live).toBeGreaterThanOrEqual(enrolled);
	await undo.getByLabel('Reason').fill('Chosen by mistake');
	await undo.getByRole('button', { name: `Un-enroll ${live} leads` }).click();
	await expect(undo.getByText('were un-enrolled')).toBeVisible();
});

test('CRM-4: a list leaves as CSV; a deleted record waits in the recycle bin and comes back', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await page.goto('/deals');
	const counted = page.getByText(/ of [\d,]+$/);
	await expect(counted).toBeVisible();
	const total = numberIn(await counted.textContent(), / of ([\d,]+)$/);
	const download = page.waitForEvent('download');
	await expect(async () => {
		await page.getByRole('button', { name: 'Actions' }).click({ timeout: 1000 });
		await expect(page.getByRole('menuitem', { name: 'Export as CSV' })).toBeVisible({ timeout: 1000 });
	}).toPass();
	await page.getByRole('menuitem', { name: 'Export as CSV' }).click();
	await page.getByRole('menuitem', { name: 'Columns as shown' }).click();
	const file = await (await download).path();
	const lines = (await readFile(file, 'utf8')).trim().split('\r\n');
	expect(lines.length).toBe(total + 1);

	const name = (await page.locator('tbody a').first().textContent())?.trim() ?? '';
	await page.locator('tbody a').first().click();
	await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
	await page.getByRole('button', { name: 'More actions' }).click();
	await page.getByRole('menuitem', { name: 'Delete' }).click();
	await expect(page.getByText(`${name} deleted.`)).toBeVisible();
	await page.goto('/deals/bin');
	const tick = page.getByRole('checkbox', { name: `Select ${name}` });
	const restore = page.getByRole('button', { name: 'Restore 1 deal' });
	await expect(async () => {
		await tick.check({ timeout: 1000 });
		await expect(restore).toBeVisible({ timeout: 1000 });
	}).toPass();
	await restore.click();
	await expect(page.getByText('1 deal restored.', { exact: false })).toBeVisible();
	await page.goto('/deals');
	await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
});

test('CRM-8: a changed field is saved and told in the timeline', async ({ pageAs }) => {
	const page = await pageAs('Administrator');
	await page.goto('/accounts');
	await page.locator('tbody a').first().click();
	const phone = page.getByRole('textbox', { name: 'Phone', exact: true });
	await expect(async () => {
		await page.getByRole('button', { name: 'Edit' }).click({ timeout: 1000 });
		await expect(phone).toBeVisible({ timeout: 1000 });
	}).toPass();
	await phone.fill('+14155550123');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Saved.', { exact: true })).toBeVisible();
	await expect(page.getByText('Changed Phone')).toBeVisible();
	await expect(page.getByText('by Ada Novak').first()).toBeVisible();
});

test('CRM-6: new conditions of a view that a live cadence uses are saved only after their numbers were seen', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await page.goto('/leads');
	await expect(async () => {
		await page.getByRole('button', { name: /: choose a view/ }).click({ timeout: 1000 });
		await expect(page.getByRole('menuitem', { name: 'Recycle bin' })).toBeVisible({ timeout: 1000 });
	}).toPass();
	await page.getByRole('menuitem', { name: /^New web leads/i }).click();
	await page.getByRole('button', { name: /: choose a view/ }).click();
	await page.getByRole('menuitem', { name: 'Edit this view' }).click();
	await expect(page.getByText('Running cadences take their records from this view')).toBeVisible();
	await expect(page.getByText(/leads match now\./)).toBeVisible();
	await page.getByRole('button', { name: 'Remove condition' }).last().click();
	await page.getByRole('button', { name: 'Save view' }).click();
	const dialog = page.getByRole('dialog', { name: 'Save the new conditions?' });
	await expect(dialog.getByText(/Welcome new web leads/)).toBeVisible();
	await dialog.getByRole('button', { name: 'Cancel' }).click();
	await expect(dialog).toBeHidden();
});

test('PER-1: manage automation ticks all four; turned off they stay, to be taken away one by one', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await page.goto('/setup/profiles');
	await page.getByRole('link', { name: 'View only' }).click();
	const automation = page.getByRole('switch', { name: 'Manage automation' });
	const enroll = page.getByRole('checkbox', { name: /^Enroll/ });
	await expect(enroll).not.toBeChecked();
	await expect(async () => {
		await automation.click({ timeout: 1000 });
		await expect(enroll).toBeChecked({ timeout: 1000 });
	}).toPass();
	await expect(enroll).toBeDisabled();
	await automation.click();
	await expect(enroll).toBeChecked();
	await enroll.click();
	await expect(enroll).not.toBeChecked();
	await expect(page.getByRole('checkbox', { name: /^Un-enroll/ })).toBeChecked();
});
