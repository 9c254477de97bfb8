import { readFile } from 'node:fs/promises';
import { card, createCadence, firstStep, saved } from './support/canvas.ts';
import { expect, test } from './support/test.ts';

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
