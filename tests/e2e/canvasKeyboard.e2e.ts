import type { Locator, Page } from '@playwright/test';
import { card, createCadence, deleteDrawn, saved } from './support/canvas.ts';
import { expect, test } from './support/test.ts';

test.afterEach(deleteDrawn);

/** Tab until it has the focus; no pointer ever helps. */
async function tabTo(page: Page, wanted: Locator, key = 'Tab'): Promise<void> {
	await expect(wanted).toBeVisible();
	for (let presses = 0; presses < 60; presses++) {
		if (await wanted.evaluate((one) => one === document.activeElement)) return;
		await page.keyboard.press(key);
	}
	throw new Error(`Tab does not lead to ${wanted.toString()}.`);
}

/** Arrow keys within the group of radio buttons that has the focus, or that Tab leads to. */
async function choose(page: Page, group: string, option: string): Promise<void> {
	const wanted = page
		.getByRole('radiogroup', { name: group })
		.getByRole('radio', { name: option, exact: true });
	await tabTo(page, page.getByRole('radiogroup', { name: group }).locator('[aria-checked="true"]'));
	for (let presses = 0; presses < 20; presses++) {
		if ((await wanted.getAttribute('aria-checked')) === 'true') return;
		await page.keyboard.press('ArrowDown');
	}
	throw new Error(`${option} cannot be chosen.`);
}

test('COL-4: by keyboard alone from an empty draft to a published cadence', async ({ pageAs }) => {
	test.setTimeout(120_000);
	const page = await pageAs('Administrator');
	const name = `Keys only ${Date.now()}`;
	await createCadence(page, name);
	await saved(page);
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog', { name: 'Keys of the canvas' })).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);

	await page.keyboard.press('Home');
	await page.keyboard.press('n');
	await choose(page, 'Next step', 'Task');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: 'Task', level: 2 })).toBeVisible();
	await expect(page.locator('.svelte-flow__node.selected')).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(page.getByLabel('Name on the canvas')).toBeFocused();
	await page.keyboard.type('Prepare');
	await tabTo(page, page.getByRole('textbox', { name: /^Subject/ }));
	await page.keyboard.type('Read their page');
	await page.keyboard.press('Escape');
	await expect(card(page, 'Prepare')).toBeFocused();

	// A call when it is done, an exit after the call.
	await page.keyboard.press('n');
	await choose(page, 'Response', 'Completed');
	await choose(page, 'Next step', 'Call');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { name: 'Call', level: 2 })).toBeVisible();
	await expect(page.locator('.svelte-flow__node.selected')).toBeFocused();
	await page.keyboard.press('Enter');
	await tabTo(page, page.getByRole('textbox', { name: /^Subject/ }));
	await page.keyboard.type('Ring them');
	await page.keyboard.press('Escape');
	await page.keyboard.press('ArrowUp');
	await expect(card(page, 'Prepare')).toBeFocused();
	await page.keyboard.press('ArrowDown');
	await expect(card(page, 'Ring them')).toBeFocused();
	await page.keyboard.press('n');
	await choose(page, 'Next step', 'Exit');
	await page.keyboard.press('Enter');
	await expect(page.locator('.svelte-flow__node-exit')).toBeVisible();

	// What is still wrong is found and mended from the list.
	await expect(page.getByRole('button', { name: /^Problems/ })).toBeVisible();
	for (let round = 0; round < 4; round++) {
		const errors = page.locator('[data-panel] [aria-label="Problem"]');
		await page.keyboard.press('Escape');
		await page.keyboard.press('p');
		if ((await errors.count()) === 0) break;
		await tabTo(page, page.locator('[data-panel] li button').first());
		await page.keyboard.press('Enter');
		await page.keyboard.type('Mended');
	}
	await page.keyboard.press('Escape');
	await saved(page);
	await page.keyboard.press('Home');
	await page.keyboard.press('Control+Enter');
	const dialog = page.getByRole('dialog', { name: `Publish ${name}` });
	await expect(dialog).toBeVisible();
	const publish = dialog.getByRole('button', { name: /^Publish/ });
	await expect(publish).toBeEnabled();
	await tabTo(page, publish);
	await page.keyboard.press('Enter');
	await expect(page.getByText(/Version 1 is (live|published)/)).toBeVisible();
});

test('COL-4: screen readers hear what a step is, where it stands and what is wrong with it', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await createCadence(page, `Heard ${Date.now()}`);
	await page.keyboard.press('Home');
	await page.keyboard.press('n');
	await choose(page, 'Next step', 'Call');
	await page.keyboard.press('Enter');
	const heard = page.locator('.svelte-flow__node-action');
	await expect(heard).toHaveAttribute('aria-label', /^Follow-up 1, Call, /);
	await expect(
		page.getByRole('region', { name: /^Canvas of the cadence: 1 action, 1 branch/ })
	).toBeVisible();
});
