import type { Page } from '@playwright/test';
import { boxOf, card, createCadence, deleteDrawn, firstStep, saved } from './support/canvas.ts';
import { expect, test } from './support/test.ts';

test.afterEach(deleteDrawn);

/** After the selected card's response, by its menu. */
async function addAfter(page: Page, response: string, step: string) {
	await page.getByRole('button', { name: `Add a step after: ${response}`, exact: true }).click();
	await page.getByRole('menuitem', { name: step }).click();
}

test('COL-1: two people draw one cadence; nodes, fields, cursors and drags appear at the other; view-only changes nothing', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	const vic = await pageAs('View only');
	const url = await createCadence(ada, `Drawn together ${Date.now()}`);
	await Promise.all([marcus.goto(url), vic.goto(url)]);
	await saved(ada);
	await saved(marcus);

	await ada.getByRole('button', { name: 'Add the first step' }).click();
	await ada.getByRole('menuitem', { name: 'E-mail' }).click();
	await ada.getByLabel('Name on the canvas').fill('Hello there');
	await expect(card(marcus, 'Hello there')).toBeVisible();
	await expect(card(vic, 'Hello there')).toBeVisible();

	await card(marcus, 'Hello there').click();
	await addAfter(marcus, 'Not opened', 'Task');
	await marcus.getByRole('textbox', { name: /^Subject/ }).fill('Look them up');
	await expect(card(ada, 'Look them up')).toBeVisible();
	await expect(ada.getByText('within 3 days').first()).toBeVisible();

	// GRA-2: the response is used now, in the picker of both.
	await card(ada, 'Hello there').click();
	await expect(ada.getByRole('button', { name: 'Add a step after: Not opened', exact: true })).toHaveCount(0);
	await ada.keyboard.press('n');
	await expect(ada.getByRole('radio', { name: /Not opened/ })).toBeDisabled();
	await ada.keyboard.press('Escape');

	await card(ada, 'Look them up').click();
	await card(marcus, 'Look them up').click();
	await ada.getByRole('textbox', { name: 'Description' }).click();
	await marcus.getByRole('textbox', { name: 'Description' }).click();
	await expect(ada.locator('[data-field="description"]').getByText('Marcus Reyes')).toBeVisible();
	await Promise.all([
		ada.keyboard.type('AAAAAAAA', { delay: 20 }),
		marcus.keyboard.type('MMMMMMMM', { delay: 20 })
	]);
	await expect
		.poll(async () =>
			[...(await ada.getByRole('textbox', { name: 'Description' }).inputValue())].sort().join('')
		)
		.toBe('AAAAAAAAMMMMMMMM');
	await expect(marcus.getByRole('textbox', { name: 'Description' })).toHaveValue(
		await ada.getByRole('textbox', { name: 'Description' }).inputValue()
	);

	await marcus.mouse.move(700, 600);
	await marcus.mouse.move(710, 610);
	await expect(ada.locator('[data-cursor="Marcus Reyes"]')).toBeVisible();

	const before = await card(ada, 'Hello there').boundingBox();
	const grip = await card(marcus, 'Hello there').boundingBox();
	if (!before || !grip) throw new Error('The card is not on the canvas.');
	await marcus.mouse.move(grip.x + 120, grip.y + 12);
	await marcus.mouse.down();
	await marcus.mouse.move(grip.x + 160, grip.y + 22, { steps: 4 });
	await marcus.mouse.move(grip.x + 200, grip.y + 32, { steps: 4 });
	await expect
		.poll(async () => Math.round(((await card(ada, 'Hello there').boundingBox())?.x ?? 0) - before.x), {
			message: 'the card follows while it is dragged'
		})
		.toBeGreaterThan(50);
	await marcus.mouse.up();
	await saved(marcus);

	// COL-2: undo takes back only one's own: Marcus' drag, not Ada's typing.
	await marcus.getByRole('button', { name: /^Undo/ }).click();
	await expect
		.poll(async () =>
			Math.abs(Math.round(((await card(ada, 'Hello there').boundingBox())?.x ?? 0) - before.x))
		)
		.toBeLessThan(3);
	await expect(ada.getByRole('textbox', { name: 'Description' })).toHaveValue(/A{1,8}/);

	// VER-1: view only.
	await expect(vic.locator('[data-save-state]')).toHaveAttribute('data-save-state', 'viewOnly');
	await expect(vic.getByRole('toolbar', { name: 'Steps to add' })).toHaveCount(0);
	await expect(vic.getByRole('button', { name: 'Publish' })).toHaveCount(0);
	await card(vic, 'Look them up').click();
	await expect(vic.getByRole('textbox', { name: /^Subject/ })).toBeDisabled();
	await vic.keyboard.press('Delete');
	await expect(card(ada, 'Look them up')).toBeVisible();

	// Stored, not only shown: a reload reads it from the server.
	await ada.reload();
	await expect(card(ada, 'Look them up')).toBeVisible();
	await expect(card(ada, 'Hello there')).toBeVisible();
});

test('GRA-2: two people use one response unseen by each other: one branch, and both steps are seen on both canvases', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	const url = await createCadence(ada, `At once ${Date.now()}`);
	await firstStep(ada, 'E-mail', 'Hello there');
	await marcus.goto(url);
	await saved(marcus);
	await marcus.context().setOffline(true);
	await marcus.evaluate(() => dispatchEvent(new Event('offline')));
	for (const [page, kind, name] of [
		[ada, 'Task', 'Look them up'],
		[marcus, 'Call', 'Ring them']
	] as const) {
		await card(page, 'Hello there').click();
		await addAfter(page, 'Replied', kind);
		await page.getByLabel('Name on the canvas').fill(name);
	}
	await saved(ada);
	await marcus.context().setOffline(false);
	await marcus.evaluate(() => dispatchEvent(new Event('online')));
	await saved(marcus);
	const places = async (page: Page) => {
		const boxes = [await boxOf(card(page, 'Look them up')), await boxOf(card(page, 'Ring them'))];
		return boxes.map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`);
	};
	await expect.poll(async () => new Set(await places(ada)).size).toBe(2);
	await expect.poll(async () => new Set(await places(marcus)).size).toBe(2);
	await expect(ada.locator('[data-edge]', { hasText: 'Replied' })).toHaveCount(1);
	await expect(marcus.locator('[data-edge]', { hasText: 'Replied' })).toHaveCount(1);
	await expect(ada.getByTitle('1 problem')).toHaveCount(2); // the template, and the step that nothing leads to
});

test('COL-4: a cadence is drawn by keyboard alone and its problems lead to their places', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await createCadence(page, `By keyboard ${Date.now()}`);
	await saved(page);
	await page.keyboard.press('Home');
	await page.keyboard.press('n');
	await page.getByRole('radio', { name: 'Call' }).click();
	await page.getByRole('button', { name: 'Add step' }).click();
	await expect(page.getByRole('heading', { name: 'Call', level: 2 })).toBeVisible();
	await page.getByRole('region', { name: /^Canvas of the cadence/ }).focus();
	await page.keyboard.press('p');
	await page
		.getByRole('button', { name: /subject/i })
		.first()
		.click();
	await expect(page.getByRole('textbox', { name: /^Subject/ })).toBeFocused();
	await page.keyboard.type('Ring them');
	await expect(card(page, 'Ring them')).toBeVisible();
	await page.getByRole('region', { name: /^Canvas of the cadence/ }).focus();
	await page.keyboard.press('n');
	await page.getByRole('radio', { name: 'Exit' }).click();
	await page.getByRole('button', { name: 'Add step' }).click();
	await expect(page.locator('.svelte-flow__node-exit')).toBeVisible();
	await page.getByRole('region', { name: /^Canvas of the cadence/ }).focus();
	await page.keyboard.press('Delete');
	await expect(page.locator('.svelte-flow__node-exit')).toHaveCount(0);
	await page.keyboard.press('Control+z');
	await expect(page.locator('.svelte-flow__node-exit')).toBeVisible();
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog', { name: 'Keys of the canvas' })).toBeVisible();
});
