import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { addAfter, card, choose, field, firstStep, nameIt, saved } from './story/draw.ts';
import { expect, test } from './support/test.ts';

/** CAD-1: a cadence for Leads, by hand. Answers the address of its canvas. */
async function create(page: Page, name: string): Promise<string> {
	await page.goto('/cadences/new');
	await page.getByLabel('Name').fill(name);
	await page.getByRole('radio', { name: /By hand/ }).check();
	await page.getByRole('button', { name: 'Create and draw' }).click();
	await page.waitForURL(/\/edit$/);
	await expect(page.getByRole('button', { name: 'Add the first step' })).toBeVisible();
	return page.url();
}
async function publish(page: Page): Promise<void> {
	await saved(page);
	await page.getByRole('button', { name: 'Publish', exact: true }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: /^Publish/ }).click();
	await expect(dialog).toHaveCount(0);
}
/** A step of the "Automation" submenu of a free response. */
async function automate(page: Page, from: string, response: string, step: string): Promise<void> {
	await addAfter(page, from, response, 'Automation');
	await page.getByRole('menuitem', { name: step, exact: true }).click();
}
async function sayWhen(page: Page, name: string, city: string): Promise<void> {
	await page.getByRole('button', { name: `(criteria of ${name})` }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: 'Add condition' }).click();
	await dialog.getByRole('combobox', { name: 'Field' }).click();
	await page.getByRole('option', { name: 'City', exact: true }).click();
	await dialog.getByRole('textbox', { name: 'Value' }).fill(city);
	await dialog.getByRole('button', { name: 'Use these criteria' }).click();
	await expect(dialog).toHaveCount(0);
}
const problems = (page: Page) => page.getByRole('button', { name: /problem/i }).first();
async function expectAccessible(page: Page): Promise<void> {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
		expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
			[]
		);
	}
}

test('GRA-8, GRA-10: a condition with two cases and else, and extra actions, are drawn, repaired and published', async ({
	pageAs
}) => {
	test.setTimeout(180_000);
	const page = await pageAs('Administrator');
	const stamp = Date.now();
	await create(page, `Nurture ${stamp}`);
	await firstStep(page, 'Task');
	await field(page, 'Subject').fill('Keep in touch');
	await publish(page);

	await create(page, `By city ${stamp}`);
	await firstStep(page, 'Task');
	await field(page, 'Subject').fill('Look them up');
	await addAfter(page, 'Look them up', 'Created', 'Condition');
	await nameIt(page, 'Which city');
	await expect(page.locator('[data-field="delay"]')).toHaveCount(0);

	// GRA-9: what is missing is said, and leads to its place.
	await expect(card(page, 'Which city').getByText('say when')).toBeVisible();
	await page.getByRole('textbox', { name: 'Name of case 1' }).fill('Rome');
	await page.getByRole('button', { name: 'Add a case' }).click();
	await page.getByRole('textbox', { name: 'Name of case 2' }).fill('Oslo');
	await page.getByRole('button', { name: 'Try Oslo earlier' }).click();
	await expect(page.getByRole('textbox', { name: 'Name of case 1' })).toHaveValue('Oslo');
	await page.getByRole('button', { name: 'Try Rome earlier' }).click();
	await expect(page.getByRole('textbox', { name: 'Name of case 1' })).toHaveValue('Rome');
	await problems(page).click();
	await page.getByRole('button', { name: /"Oslo": say which Leads take this case/ }).click();
	await expect(page.getByRole('group', { name: 'Oslo', exact: true })).toBeVisible();
	await sayWhen(page, 'Rome', 'Rome');
	await sayWhen(page, 'Oslo', 'Oslo');
	await expect(card(page, 'Which city').getByText('City is "Oslo"')).toBeVisible();

	await automate(page, 'Which city', 'Rome', 'Update field');
	await choose(page, 'Field', /^City$/);
	await expect(page.getByText('Say what "City" becomes.')).toBeVisible();
	await field(page, 'New value').fill('Roma');
	await expect(card(page, 'City → Roma')).toBeVisible();
	await automate(page, 'City → Roma', 'Done', 'Webhook');
	await field(page, 'Address').fill('http://192.168.1.1/hook');
	await expect(page.getByText(/belongs to a private network/)).toBeVisible();
	await field(page, 'Address').fill('https://hooks.example.com/in');
	await expect(card(page, 'hooks.example.com')).toBeVisible();
	await addAfter(page, 'hooks.example.com', 'Failed', 'Exit');

	await automate(page, 'Which city', 'Oslo', 'Tags');
	await page.getByRole('textbox', { name: 'Add tags' }).fill('north');
	await page.keyboard.press('Enter');
	await expect(card(page, 'Add north')).toBeVisible();
	await automate(page, 'Add north', 'Done', 'Change owner');
	await choose(page, 'New owner', 'Several people in turn');
	await field(page, 'Who takes turns').click();
	await page.getByRole('option').nth(0).click();
	await page.getByRole('option').nth(1).click();
	await page.keyboard.press('Escape');
	await expect(card(page, 'In turn among 2')).toBeVisible();

	await automate(page, 'Which city', 'Else', 'Enroll');
	await choose(page, 'Cadence', `Nurture ${stamp}`);
	await expect(card(page, `Into Nurture ${stamp}`)).toBeVisible();

	// GRA-10: the branch of a case is left at once; removing a case takes it along, undo brings both back.
	await page.getByRole('region', { name: /^Canvas of the cadence: 6 actions, 8 branches/ }).focus();
	await page.keyboard.press('f');
	await card(page, 'Which city').click();
	await page.getByRole('button', { name: 'Remove Oslo' }).click();
	await expect(page.getByRole('region', { name: /6 actions, 7 branches/ })).toBeVisible();
	await page.getByRole('button', { name: /^Undo/ }).click();
	await expect(page.getByRole('region', { name: /6 actions, 8 branches/ })).toBeVisible();
	await page.getByRole('group', { name: 'Oslo', exact: true }).getByRole('button', { name: 'Tags' }).click();
	await expect(page.getByRole('heading', { name: 'Oslo', level: 2 })).toBeVisible();
	await expect(page.locator('[data-panel] [data-field="delay"]')).toHaveCount(0);
	await card(page, 'Which city').click();
	await expectAccessible(page);

	// COL-2: what was drawn is on the server.
	await saved(page);
	await page.reload();
	await expect(card(page, 'Which city').getByText('City is "Rome"')).toBeVisible();
	await publish(page);
	await expect(page.getByText('Active', { exact: true }).first()).toBeVisible();
});

test('GRA-6, GRA-8: one link, hard or soft, A/B variants and review are chosen in their places', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await create(page, `Compare ${Date.now()}`);
	await firstStep(page, 'E-mail');
	await nameIt(page, 'Hello');
	await field(page, 'Template').click();
	await page.getByRole('option').first().click();
	await page.getByRole('button', { name: /Compare with another template/ }).click();
	await expect(page.getByText('50 %')).toHaveCount(2);
	await page.getByRole('spinbutton', { name: 'Weight of variant B' }).fill('25');
	await expect(page.getByText('67 %')).toBeVisible();
	await expect(page.getByText('33 %')).toBeVisible();
	await page.getByRole('checkbox', { name: /Review before sending/ }).check();
	await expect(field(page, 'Who reviews it')).toBeVisible();
	await expect(card(page, 'Hello').getByText(/A\/B 2 · Reviewed/)).toBeVisible();
	await card(page, 'Hello').click();
	await page.keyboard.press('n');
	await page.getByRole('radio', { name: 'Bounced: hard' }).click();
	await page.getByRole('radio', { name: 'Exit' }).click();
	await page.getByRole('button', { name: 'Add step' }).click();
	await expect(page.locator('[data-edge]', { hasText: 'Bounced: hard' })).toBeVisible();
	await card(page, 'Hello').click();
	await page.getByRole('button', { name: 'One link...' }).click();
	await expect(page.getByRole('radio', { name: /^Clicked: / }).first()).toBeChecked();
	await page.getByRole('radio', { name: 'Task' }).click();
	await page.getByRole('button', { name: 'Add step' }).click();
	await expect(page.locator('[data-edge]', { hasText: 'Clicked: ' })).toBeVisible();
	await saved(page);
});
