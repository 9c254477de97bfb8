import { readFile } from 'node:fs/promises';
import { boxOf, card, createCadence, deleteDrawn, firstStep, saved, willDelete } from './support/canvas.ts';
import { expect, test } from './support/test.ts';

test.afterEach(deleteDrawn);

test('VER-2, VER-6, CAD-5: changes by author, on the canvas and in the dialog; a file goes out and comes back; the draft is discarded', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const url = await createCadence(ada, `Versions ${Date.now()}`);
	await firstStep(ada, 'Task', 'Look');
	await ada.getByRole('textbox', { name: /^Subject/ }).fill('Look them up');
	await saved(ada);
	await ada.getByRole('button', { name: 'Publish', exact: true }).click();
	await ada.getByRole('button', { name: 'Publish and activate' }).click();
	await expect(ada.getByText('Version 1 is live.')).toBeVisible();

	const marcus = await pageAs('Manager');
	await marcus.goto(url);
	await card(marcus, 'Look').click();
	await marcus.getByRole('textbox', { name: /^Subject/ }).fill('Look closer');
	await saved(marcus);
	await marcus.getByRole('button', { name: 'Publish', exact: true }).click();
	const dialog = marcus.getByRole('dialog');
	await expect(dialog.getByText('Look them up')).toBeVisible();
	await expect(dialog.getByText('Look closer')).toBeVisible();
	await expect(dialog.getByText('by Marcus Reyes', { exact: true })).toHaveCount(1);
	await dialog.getByRole('link', { name: 'Look at them on the canvas' }).click();
	await marcus.waitForURL(/compare\?from=1&to=draft/);
	await expect(card(marcus, 'Look').locator('[data-mark="changed"]')).toBeVisible();
	await expect(marcus.getByRole('complementary', { name: 'Changes' }).getByText('Look closer')).toBeVisible();

	// CAD-5: version 1 as a file, and back into the draft as one step that can be undone.
	await marcus.goto(url.replace(/edit$/, 'versions'));
	const [file] = await Promise.all([
		marcus.waitForEvent('download'),
		marcus.getByRole('listitem').getByRole('link', { name: 'Export' }).click()
	]);
	const text = await readFile(await file.path(), 'utf8');
	const upload = (content: string) => ({
		name: 'cadence.json',
		mimeType: 'application/json',
		buffer: Buffer.from(content)
	});
	await card(ada, 'Look').click();
	await expect(ada.getByRole('textbox', { name: /^Subject/ })).toHaveValue('Look closer');
	await ada.getByRole('button', { name: /^More:/ }).click();
	await ada.getByRole('menuitem', { name: /Import/ }).click();
	await ada
		.locator('input[type=file]')
		.setInputFiles(upload(text.replace('"kind": "task"', '"kind": "rocket"')));
	await expect(ada.getByText('This file cannot be imported')).toBeVisible();
	await ada.locator('input[type=file]').setInputFiles(upload(text));
	await ada.getByRole('button', { name: 'Replace the draft: 1 change' }).click();
	await card(ada, 'Look').click();
	await expect(ada.getByRole('textbox', { name: /^Subject/ })).toHaveValue('Look them up');
	await ada.getByRole('button', { name: /^Undo/ }).first().click();
	await expect(ada.getByRole('textbox', { name: /^Subject/ })).toHaveValue('Look closer');
	await saved(ada);

	// VER-6: what was drawn since is given up.
	await marcus.reload();
	await marcus.getByRole('button', { name: 'Discard the draft' }).click();
	await marcus.getByRole('dialog').getByRole('button', { name: 'Discard the draft' }).click();
	await marcus.waitForURL(/edit$/);
	await card(marcus, 'Look').click();
	await expect(marcus.getByRole('textbox', { name: /^Subject/ })).toHaveValue('Look them up');
});

test('CAD-5: a file becomes a new cadence from the list; what is wrong with it is said; who may not create is refused', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const name = `Carried ${Date.now()}`;
	const url = await createCadence(ada, name);
	await firstStep(ada, 'Task', 'Look');
	await saved(ada);
	const file = await ada.request.get(url.replace(/edit$/, 'versions/export?of=draft'));
	const text = await file.text();
	const upload = (content: string) => ({
		name: 'cadence.json',
		mimeType: 'application/json',
		buffer: Buffer.from(content)
	});
	await ada.goto('/cadences');
	await ada.getByRole('button', { name: 'Import from file' }).click();
	const dialog = ada.getByRole('dialog');
	await dialog.locator('input[type=file]').setInputFiles(upload('{"cadenza":'));
	await expect(dialog.getByText(/It is no JSON/)).toBeVisible();
	await expect(dialog.getByRole('button', { name: 'Create cadence' })).toBeDisabled();
	await dialog.locator('input[type=file]').setInputFiles(upload(text.replace('"leads"', '"spaceships"')));
	await dialog.getByRole('button', { name: 'Create cadence' }).click();
	await expect(dialog.getByText(/There is no module "spaceships" here/)).toBeVisible();
	await dialog.locator('input[type=file]').setInputFiles(upload(text));
	await expect(dialog.getByText('1 action')).toBeVisible();
	await dialog.getByRole('button', { name: 'Create cadence' }).click();
	await ada.waitForURL((to) => /edit$/.test(to.pathname) && to.href !== url);
	willDelete(ada);
	await expect(card(ada, 'Look')).toBeVisible();
	await expect(ada.getByText(`Copy of ${name}`).first()).toBeVisible();

	const vic = await pageAs('View only');
	await vic.goto('/cadences');
	await expect(vic.getByRole('button', { name: 'Import from file' })).toHaveCount(0);
	const { origin } = new URL(url);
	const forced = await vic.request.post(`${origin}/cadences?/import`, {
		form: { file: text },
		headers: { origin, accept: 'application/json' }
	});
	expect(await forced.text()).toContain('may not create or change cadences');
});

test('GRA-9, VER-2: a problem in the publish dialog leads to its step and field', async ({ pageAs }) => {
	const ada = await pageAs('Administrator');
	await createCadence(ada, `Unfinished ${Date.now()}`);
	await firstStep(ada, 'E-mail', 'Hello');
	await saved(ada);
	await ada.keyboard.press('Escape');
	await ada.mouse.move(700, 500);
	await ada.mouse.wheel(0, 2000);
	await expect(card(ada, 'Hello')).not.toBeInViewport();
	await ada.getByRole('button', { name: 'Publish', exact: true }).click();
	const dialog = ada.getByRole('dialog');
	await dialog
		.getByRole('button', { name: /template/i })
		.first()
		.click();
	await expect(dialog).toHaveCount(0);
	await expect(card(ada, 'Hello')).toBeInViewport();
	await expect(ada.locator('.svelte-flow__node.selected')).toHaveText(/Hello/);
	await expect(ada.locator('[data-panel] [data-field="templateId"] :focus')).toHaveCount(1);
	// The same problem once more, from somewhere else.
	await ada.mouse.move(700, 500);
	await ada.mouse.wheel(0, 2000);
	await ada.getByRole('button', { name: 'Publish', exact: true }).click();
	await dialog
		.getByRole('button', { name: /template/i })
		.first()
		.click();
	await expect(card(ada, 'Hello')).toBeInViewport();
	expect((await boxOf(card(ada, 'Hello'))).y).toBeGreaterThan(0);
});

test('COL-5, CAD-3: figures and version of a cadence that is switched off are not called live', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const url = await createCadence(ada, `Switched off ${Date.now()}`);
	await firstStep(ada, 'Task', 'Look');
	await ada.getByRole('textbox', { name: /^Subject/ }).fill('Look them up');
	await saved(ada);
	await ada.getByRole('button', { name: 'Publish', exact: true }).click();
	await ada.getByRole('checkbox', { name: 'Activate now' }).uncheck();
	await ada.getByRole('button', { name: 'Publish as inactive' }).click();
	await expect(ada.getByText('Version 1 is published. The cadence is inactive.')).toBeVisible();
	await ada.getByRole('button', { name: 'Live', exact: true }).click();
	await expect(ada.getByText('Inactive, nothing runs now. Version 1: 0 enrolled')).toBeVisible();
	await card(ada, 'Look').click();
	await expect(ada.getByText('Version 1, inactive')).toBeVisible();
	await ada.goto(url.replace(/edit$/, 'versions'));
	await expect(ada.getByText('Published, inactive')).toBeVisible();
	await expect(ada.getByText('Live', { exact: true })).toHaveCount(0);
});
