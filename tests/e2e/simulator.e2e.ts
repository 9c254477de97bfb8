import AxeBuilder from '@axe-core/playwright';
import { boxOf, card } from './support/canvas.ts';
import { expect, test } from './support/test.ts';
import type { Page } from '@playwright/test';

const demo = 'Welcome new web leads';

async function openDemo(page: Page): Promise<void> {
	await page.goto('/cadences');
	await page.getByRole('link', { name: demo, exact: true }).first().click();
	await expect(card(page, 'Introduction call')).toBeVisible();
}
const log = (page: Page) => page.getByRole('list', { name: 'What happened' });

test('VER-7: a made-up record’s journey is played by keyboard: the path lights up, its words are shown', async ({
	pageAs
}) => {
	const page = await pageAs('View only');
	await openDemo(page);
	await page.keyboard.press('j');
	await page.getByRole('radio', { name: /A made-up/ }).check();
	await page.getByRole('textbox', { name: 'First Name' }).fill('Grace');
	const { violations } = await new AxeBuilder({ page }).include('[aria-label="Simulator"]').analyze();
	expect(violations.map(({ id }) => id)).toEqual([]);
	await page.getByRole('button', { name: 'Play the journey' }).click();
	await expect(log(page).getByText('Enrolled', { exact: true })).toBeVisible();

	await page.keyboard.press('Space');
	const message = page.frameLocator('iframe[title^="E-mail"]').first();
	await expect(message.getByText('Grace').first()).toBeVisible();
	await expect(card(page, 'Welcome').locator('[data-mark="current"]')).toBeVisible();

	await page.getByRole('button', { name: /^Replied/ }).click();
	await page.keyboard.press('Space');
	await expect(log(page).getByText('Reached the goal')).toBeVisible();
	await expect(card(page, 'Answered').locator('[data-mark="current"]')).toBeVisible();

	// One step back, and on without an answer: the clock brings the next message.
	await page.keyboard.press('b');
	await page.keyboard.press('b');
	await page.keyboard.press('d');
	await page.keyboard.press('Space');
	await expect(card(page, 'Course guide').locator('[data-mark="current"]')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('complementary', { name: 'Simulator' })).toHaveCount(0);
});

test('COL-5: figures of the live version stand on the steps, in detail in the panel', async ({ pageAs }) => {
	const page = await pageAs('Analyst');
	await openDemo(page);
	await page.getByRole('button', { name: 'Live', exact: true }).click();
	await expect(page.getByRole('status').getByText(/Version \d+ is live: \d+ enrolled/)).toBeVisible();
	await expect(card(page, 'Introduction call').locator('[data-live]')).toContainText(/executed/);
	await card(page, 'Introduction call').click();
	const figures = page.getByRole('region', { name: 'Live figures' });
	await expect(figures.getByText('Executed', { exact: true })).toBeVisible();
	// Which results came back differs from demo to demo; that calls were made and answered does not.
	await expect(figures.getByText(/^\d+%$/).first()).toBeVisible();
});

test('COL-4: at first sight no card lies under the palette, be it narrow or wide', async ({ pageAs }) => {
	const page = await pageAs('Manager');
	await openDemo(page);
	const clear = async () => {
		const palette = await boxOf(page.getByRole('toolbar', { name: 'Steps to add' }));
		return (await boxOf(card(page, 'Introduction call'))).x - palette.x - palette.width;
	};
	await expect.poll(clear).toBeGreaterThan(0);
	await page.getByRole('button', { name: 'Wide palette' }).click();
	await expect.poll(clear).toBeGreaterThan(0);
});
