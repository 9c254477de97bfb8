import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { addAfter, boxOf, card, createCadence, deleteDrawn, firstStep, saved } from './support/canvas.ts';
import { expect, test } from './support/test.ts';

test.afterEach(deleteDrawn);

const head = (page: Page) =>
	page.locator('header', { has: page.getByRole('navigation', { name: 'Cadence' }) });
const idOf = (url: string) => new URL(url).pathname.split('/')[2] ?? '';

/** A form of the product, sent by hand: what somebody does elsewhere. */
async function send(page: Page, path: string, form: Record<string, string>): Promise<void> {
	const { origin } = new URL(page.url());
	const response = await page.request.post(`${origin}${path}`, {
		form,
		headers: { origin, accept: 'application/json' }
	});
	expect(response.status()).toBe(200);
}

test('COL-1, VER-2: publishing, switching off and discarding the draft are said and seen at once on other open canvases', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	const url = await createCadence(ada, `News ${Date.now()}`);
	await firstStep(ada, 'Task', 'Look them up');
	await ada.getByRole('textbox', { name: /^Subject/ }).fill('Look');
	await saved(ada);
	await marcus.goto(url);
	await saved(marcus);
	await expect(head(marcus).getByText('Draft', { exact: true })).toBeVisible();

	await ada.getByRole('button', { name: 'Publish', exact: true }).click();
	await ada.getByRole('button', { name: 'Publish and activate' }).click();
	await expect(marcus.getByText('Ada Novak published version 1')).toBeVisible();
	await expect(head(marcus).getByText('Version 1', { exact: true })).toBeVisible();
	await expect(head(marcus).getByText('Active', { exact: true })).toBeVisible();
	await expect(ada.getByText('Version 1 is live.')).toBeVisible();
	await expect(ada.getByText('Ada Novak published version 1')).toHaveCount(0);

	await card(marcus, 'Look them up').click();
	await marcus.getByLabel('Name on the canvas').fill('Look closer');
	await expect(card(ada, 'Look closer')).toBeVisible();
	await send(ada, '/cadences?/deactivate', { cadenceId: idOf(url) });
	await expect(marcus.getByText('Ada Novak deactivated this cadence')).toBeVisible();
	await expect(head(marcus).getByText('Inactive', { exact: true })).toBeVisible();
	await expect(card(marcus, 'Look closer')).toBeVisible();

	await saved(marcus);
	await ada.goto(url.replace(/edit$/, 'versions'));
	await ada.getByRole('button', { name: 'Discard the draft' }).click();
	await ada.getByRole('dialog').getByRole('button', { name: 'Discard the draft' }).click();
	await expect(marcus.getByText('Ada Novak put version 1 back into the draft')).toBeVisible();
	await expect(card(marcus, 'Look them up')).toBeVisible();
	await saved(marcus);
	await expect(marcus.getByRole('button', { name: 'Reload' })).toHaveCount(0);
});

test('VER-2: a toast that comes while a tall dialog is open lies on none of its buttons', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	const url = await createCadence(ada, `Covered ${Date.now()}`);
	await firstStep(ada, 'Task', 'Look them up');
	await saved(ada);
	await marcus.goto('/cadences');
	for (const viewport of [
		{ width: 390, height: 560 },
		{ width: 1440, height: 560 }
	]) {
		await ada.setViewportSize(viewport);
		await ada.getByRole('button', { name: 'Publish', exact: true }).click();
		const dialog = ada.getByRole('dialog');
		await expect(dialog.getByLabel('Note', { exact: true })).toBeVisible();
		const name = `Covered ${viewport.width} ${Date.now()}`;
		await send(marcus, `/cadences/${idOf(url)}/versions?/rename`, { name });
		await expect(ada.getByText('Marcus Reyes renamed this cadence').last()).toBeVisible();
		await expect(dialog.getByText(`Publish ${name}`)).toBeVisible();
		await expect(async () => {
			const toast = await boxOf(ada.locator('[data-sonner-toast]').first());
			expect(toast.y).toBeGreaterThanOrEqual(0);
			for (const button of await dialog.getByRole('button').all()) {
				const box = await boxOf(button);
				if (box.y + box.height < 0 || box.y > viewport.height) continue;
				expect(Math.max(box.y, toast.y)).toBeGreaterThanOrEqual(
					Math.min(box.y + box.height, toast.y + toast.height)
				);
			}
		}).toPass({ timeout: 4_000 });
		// Whoever takes the toast away goes on in the dialog, with what was typed.
		await dialog.getByLabel('Note', { exact: true }).fill('Half a note');
		await ada.locator('[data-sonner-toast]').first().click();
		await ada.getByRole('button', { name: 'Close toast' }).first().click();
		await expect(dialog.getByLabel('Note', { exact: true })).toHaveValue('Half a note');
		await dialog.getByRole('button', { name: 'Cancel' }).click();
	}
});

test('COL-4: on a phone a tap shows the step above its sheet, a deleted step closes it, and what is said covers no bar', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const sheet = ada.getByRole('complementary', { name: 'Properties' });
	await createCadence(ada, `In the hand ${Date.now()}`);
	await ada.setViewportSize({ width: 390, height: 844 });
	await ada.getByRole('button', { name: 'Add the first step' }).click();
	await expect(ada.getByRole('menuitem', { name: 'Task' })).toBeVisible();
	await expect(sheet).toBeHidden();
	await ada.keyboard.press('Escape');
	await ada.setViewportSize({ width: 1440, height: 900 });
	await firstStep(ada, 'Task', 'Look them up');
	await addAfter(ada, 'Look them up', 'Completed', 'Call');
	await ada.getByLabel('Name on the canvas').fill('Ring them');
	await saved(ada);
	await ada.setViewportSize({ width: 390, height: 844 });
	await ada.reload();
	await card(ada, 'Ring them').click();
	await expect(sheet).toBeVisible();
	await expect
		.poll(async () => {
			const [step, over] = [await boxOf(card(ada, 'Ring them')), await boxOf(sheet)];
			return step.y + step.height < over.y;
		})
		.toBe(true);
	await sheet.getByRole('button', { name: 'Delete (Del)' }).click();
	await expect(sheet).toBeHidden();
	const said = ada.locator('[data-sonner-toast]');
	await expect(said).toContainText('Deleted 1 step');
	const bar = await boxOf(ada.locator('[data-slot="bottom-bar"]'));
	await expect
		.poll(async () => Math.round((await boxOf(said)).y + (await boxOf(said)).height))
		.toBeLessThan(bar.y);
	await ada.getByRole('button', { name: /^More: versions/ }).click();
	await ada.getByRole('menuitem', { name: 'Undo' }).click();
	await expect(card(ada, 'Ring them')).toBeVisible();
});

test('COL-1: whoever has no room in the avatars is in a list, from which a keyboard follows them, too', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const url = await createCadence(ada, `Crowd ${Date.now()}`);
	await ada.setViewportSize({ width: 600, height: 800 });
	for (const profile of ['Manager', 'View only', 'Analyst'] as const) {
		const page = await pageAs(profile);
		await page.goto(url);
	}
	const more = ada.getByRole('button', { name: '+1 person here: choose whom to follow' });
	const { violations } = await new AxeBuilder({ page: ada })
		.setLegacyMode()
		.withRules('label-content-name-mismatch')
		.analyze();
	expect(violations.flatMap(({ nodes }) => nodes.map(({ html }) => html))).toEqual([]);
	await more.focus();
	await ada.keyboard.press('Enter');
	const person = ada.getByRole('menuitem');
	await expect(person).toBeFocused();
	const name = ((await person.textContent()) ?? '').trim();
	await ada.keyboard.press('Enter');
	await expect(ada.getByText(`Following ${name}`)).toBeVisible();
	await more.click();
	await expect(person.getByLabel('chosen')).toBeVisible();
	await person.click();
	await expect(ada.getByText(`Following ${name}`)).toHaveCount(0);
});
