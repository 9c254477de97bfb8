import { boxOf, card, createCadence, deleteDrawn, drag, firstStep, saved, stage } from './support/canvas.ts';
import { expect, test } from './support/test.ts';

test.afterEach(deleteDrawn);

test('COL-3: three people talk about a step: named ones hear of it by the bell, anybody resolves, watchers only read', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	const vic = await pageAs('View only');
	const url = await createCadence(ada, `Talked about ${Date.now()}`);
	await Promise.all([marcus.goto('/work'), vic.goto(url)]);
	await firstStep(ada, 'E-mail', 'Intro mail');
	await stage(ada).focus();
	await ada.keyboard.press('c');
	await expect(ada.getByRole('textbox', { name: 'Comment on this step' })).toBeFocused();
	await ada.keyboard.type('Too long? @marc');
	await expect(ada.getByRole('option', { name: 'Marcus Reyes' })).toBeVisible();
	await ada.keyboard.press('Enter');
	await ada.keyboard.type('please look');
	await ada.keyboard.press('Enter');
	await saved(ada);

	const notice = marcus.getByRole('button', { name: /Ada Novak mentioned you in Talked about/ });
	// A call that falls due meanwhile may take the focus, and the list closes.
	await expect(async () => {
		if (!(await notice.first().isVisible()))
			await marcus.getByRole('button', { name: /^Notifications/ }).click();
		await notice.first().click({ timeout: 3_000 });
		await expect(marcus).toHaveURL(/\/edit\?comment=/, { timeout: 3_000 });
	}).toPass({ timeout: 20_000 });
	const thread = marcus.getByRole('article', { name: 'Comment thread' });
	await expect(thread.getByText('please look')).toBeVisible();
	await thread.getByRole('textbox', { name: 'Reply' }).fill('Cut the second paragraph.');
	await marcus.keyboard.press('Enter');
	await expect(ada.getByText('Cut the second paragraph.')).toBeVisible();
	// What somebody else wrote can be neither edited nor deleted.
	await expect(ada.getByRole('button', { name: 'More for this comment' })).toHaveCount(1);

	await vic.getByRole('button', { name: '1 open comment: show' }).click();
	await expect(vic.getByText('Cut the second paragraph.')).toBeVisible();
	await expect(vic.getByRole('textbox', { name: /Reply|Comment on/ })).toHaveCount(0);
	await expect(vic.getByRole('button', { name: 'Resolve' })).toHaveCount(0);

	// The step goes, what was said of it stays.
	await stage(ada).focus();
	await ada.keyboard.press('Delete');
	await expect(vic.getByText('On a deleted action: Intro mail')).toBeVisible();
	await ada.keyboard.press('Control+z');
	await expect(card(vic, 'Intro mail')).toBeVisible();
	await thread.getByRole('button', { name: 'Resolve' }).click();
	await expect(vic.getByRole('button', { name: '1 open comment: show' })).toHaveCount(0);
	await vic.getByRole('tab', { name: /Resolved/ }).click();
	await expect(vic.getByText('Resolved by Marcus Reyes')).toBeVisible();
});

test('COL-3: a sticky note is written by two at once, moved, resized, colored, deleted and taken back', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	await marcus.goto(await createCadence(ada, `Noted ${Date.now()}`));
	await saved(ada);
	await stage(ada).focus();
	await ada.keyboard.press('s');
	await ada.getByRole('textbox', { name: 'Text of the note' }).fill('middle');
	const note = (page: typeof ada) => page.locator('.svelte-flow__node-note');
	await note(marcus).dblclick();
	const text = marcus.getByRole('textbox', { name: 'Text of the note' });
	await expect(text).toHaveValue('middle');
	await text.press('End');
	await Promise.all([
		ada
			.getByRole('textbox', { name: 'Text of the note' })
			.press('Home')
			.then(() => ada.keyboard.type('start ')),
		marcus.keyboard.type(' end')
	]);
	await expect(text).toHaveValue('start middle end');
	await marcus.keyboard.press('Escape');
	await ada.keyboard.press('Escape');
	await ada.getByRole('button', { name: 'Color pink' }).click();
	await expect(note(marcus).locator('[data-note="pink"]')).toBeVisible();
	const before = await boxOf(note(ada));
	const grip = { x: before.x + 40, y: before.y + 60 };
	await drag(ada, grip, { x: grip.x + 160, y: grip.y - 60 });
	await expect.poll(async () => Math.round((await boxOf(note(ada))).x - before.x)).toBeGreaterThan(120);
	const corner = await boxOf(ada.locator('.svelte-flow__resize-control.handle.bottom.right'));
	const width = async () => Math.round((await boxOf(note(marcus))).width - before.width);
	await ada.mouse.move(corner.x + 2, corner.y + 2);
	await ada.mouse.down();
	await ada.mouse.move(corner.x + 60, corner.y + 30, { steps: 4 });
	// Others see it grow in the hand, before it is let go.
	await expect.poll(width).toBeGreaterThan(30);
	await ada.mouse.move(corner.x + 82, corner.y + 42, { steps: 3 });
	await ada.mouse.up();
	await expect
		.poll(async () => Math.round((await boxOf(note(ada))).width - before.width))
		.toBeGreaterThan(50);
	const differ = async () => (await boxOf(note(marcus))).width - (await boxOf(note(ada))).width;
	await expect.poll(async () => Math.round(await differ())).toBe(0);
	// A long text stays in sight: the note grows while it is written.
	const height = async () => Math.round((await boxOf(note(marcus))).height);
	const low = await height();
	await note(ada).dblclick();
	await ada.getByRole('textbox', { name: 'Text of the note' }).fill('line\n'.repeat(14));
	await expect.poll(height).toBeGreaterThan(low + 50);
	await ada.getByRole('textbox', { name: 'Text of the note' }).fill('start middle end');
	await ada.keyboard.press('Escape');
	await ada.keyboard.press('Delete');
	await expect(note(marcus)).toHaveCount(0);
	await ada.getByRole('button', { name: 'Undo', exact: true }).click();
	await expect(note(marcus)).toHaveText('start middle end');
});

test('COL-1: the view of somebody else is followed until one pans or presses Esc; three people have three colors', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	const vic = await pageAs('View only');
	const url = await createCadence(ada, `Followed ${Date.now()}`);
	await firstStep(ada, 'Task', 'Look them up');
	await Promise.all([marcus.goto(url), vic.goto(url)]);
	const face = marcus.getByRole('button', { name: /^Ada Novak is here/ });
	await face.click();
	await expect(marcus.getByText('Following Ada Novak')).toBeVisible();
	await ada.mouse.move(760, 620);
	await ada.mouse.wheel(120, 260);
	const away = async () => {
		const [a, m] = await Promise.all([boxOf(card(ada, 'Look them up')), boxOf(card(marcus, 'Look them up'))]);
		return Math.abs(a.x - m.x) + Math.abs(a.y - m.y);
	};
	await expect.poll(away).toBeLessThan(4);
	await marcus.mouse.move(760, 620);
	await marcus.mouse.wheel(0, 80);
	await expect(marcus.getByText('Following Ada Novak')).toHaveCount(0);
	await face.click();
	await expect(face).toHaveAttribute('aria-pressed', 'true');
	await stage(marcus).focus();
	await marcus.keyboard.press('Escape');
	await expect(face).toHaveAttribute('aria-pressed', 'false');

	// Through a smaller window all of it is seen, be it that person's own look or one taken over from somebody else.
	await marcus.setViewportSize({ width: 390, height: 844 });
	await face.click();
	const middleAndEdges = async (page: typeof ada) => {
		const step = await boxOf(card(page, 'Look them up'));
		const room = await boxOf(stage(page));
		return { off: step.x + step.width / 2 - room.x - room.width / 2, width: room.width, step: step.width };
	};
	await expect
		.poll(async () => {
			const [a, m] = await Promise.all([middleAndEdges(ada), middleAndEdges(marcus)]);
			const scale = m.width / a.width;
			return Math.abs(m.step / a.step - scale) + Math.abs(m.off - a.off * scale) / 100;
		})
		.toBeLessThan(0.05);
	await ada.getByRole('button', { name: /^Marcus Reyes is here/ }).click();
	await expect(ada.getByText('Following Marcus Reyes')).toBeVisible();
	const percent = ada.getByTitle('Zoom to 100 % (0)');
	const before = await percent.innerText();
	await ada.getByRole('button', { name: 'Zoom out (-)' }).click();
	await expect(ada.getByText('Following Marcus Reyes')).toHaveCount(0);
	expect(Number.parseInt(await percent.innerText(), 10)).toBeLessThan(Number.parseInt(before, 10));
	await marcus.setViewportSize({ width: 1440, height: 900 });
	const colors = await marcus
		.locator('[role="group"][aria-label="People on this canvas"] button')
		.evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
	expect(new Set(colors).size).toBe(2);
	const own = await ada
		.getByRole('button', { name: /^Marcus Reyes is here/ })
		.evaluate((one) => getComputedStyle(one).backgroundColor);
	expect(colors).not.toContain(own);
});

test('COL-2: what is drawn offline merges on return, undo stays one’s own, the state line is true', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	const url = await createCadence(ada, `Offline ${Date.now()}`);
	await firstStep(ada, 'Task', 'Look them up');
	await marcus.goto(url);
	await saved(marcus);
	const state = ada.locator('[data-save-state]');
	await ada.context().setOffline(true);
	await ada.evaluate(() => dispatchEvent(new Event('offline')));
	await ada.getByRole('textbox', { name: /^Subject/ }).fill('From the train');
	await expect(state).toHaveAttribute('data-save-state', 'offline');
	await card(marcus, 'Look them up').click();
	await marcus.getByLabel('Notes for the team').fill('Meanwhile');
	await saved(marcus);
	await ada.context().setOffline(false);
	await ada.evaluate(() => dispatchEvent(new Event('online')));
	await saved(ada);
	await expect(marcus.getByRole('textbox', { name: /^Subject/ })).toHaveValue('From the train');
	await expect(ada.getByLabel('Notes for the team')).toHaveValue('Meanwhile');
	await stage(ada).focus();
	await ada.keyboard.press('Control+z');
	await expect(marcus.getByRole('textbox', { name: /^Subject/ })).not.toHaveValue('From the train');
	await expect(marcus.getByLabel('Notes for the team')).toHaveValue('Meanwhile');
	// The step goes while somebody else writes in it: a copy of what was written is offered.
	await ada.keyboard.press('Delete');
	await expect(marcus.getByText('Ada Novak deleted "Look them up"')).toBeVisible();
	await marcus.getByRole('button', { name: 'Put a copy there' }).click();
	await expect(marcus.getByLabel('Notes for the team')).toHaveValue('Meanwhile');
	await expect(card(ada, 'Look them up')).toHaveCount(1);
});

test('VER-6: what was typed offline into a draft that was replaced meanwhile is offered, and put on the canvas', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	const marcus = await pageAs('Manager');
	const url = await createCadence(ada, `Replaced ${Date.now()}`);
	await firstStep(ada, 'Task', 'Look them up');
	await ada.getByRole('textbox', { name: /^Subject/ }).fill('Look');
	await saved(ada);
	await ada.getByRole('button', { name: 'Publish', exact: true }).click();
	await ada.getByRole('button', { name: /^Publish (and|as)/ }).click();
	await expect(ada.getByText(/^Version 1 is/)).toBeVisible();
	await card(ada, 'Look them up').click();
	await ada.getByLabel('Notes for the team').fill('Stored before');
	await saved(ada);

	await ada.context().setOffline(true);
	await ada.evaluate(() => dispatchEvent(new Event('offline')));
	await ada.getByLabel('Name on the canvas').fill('From the train');
	await stage(ada).focus();
	await ada.keyboard.press('s');
	await ada.getByRole('textbox', { name: 'Text of the note' }).fill('Thought on the way');
	await expect(ada.locator('[data-save-state]')).toHaveAttribute('data-save-state', 'offline');

	await marcus.goto(url.replace(/edit$/, 'versions'));
	await marcus.getByRole('button', { name: 'Discard the draft' }).click();
	await marcus.getByRole('dialog').getByRole('button', { name: 'Discard the draft' }).click();
	await marcus.waitForURL(/edit$/);
	await expect(card(marcus, 'Look them up')).toHaveCount(1);

	await ada.context().setOffline(false);
	await ada.evaluate(() => dispatchEvent(new Event('online')));
	// The new draft opens by itself.
	const banner = ada.getByText(
		/The draft was replaced while edits of yours were not stored: 1 step, 1 note\./
	);
	await expect(banner).toBeVisible({ timeout: 30_000 });
	await ada.getByRole('button', { name: 'Put a copy on the canvas' }).click();
	await expect(banner).toHaveCount(0);
	await saved(ada);
	await expect(card(marcus, 'From the train')).toHaveCount(1);
	await expect(card(marcus, 'Look them up')).toHaveCount(1);
	await expect(card(marcus, 'Thought on the way')).toHaveCount(1);
	await ada.reload();
	await saved(ada);
	await expect(banner).toHaveCount(0);

	// Who writes on while the draft is replaced gives no commands to the new one: `s` would add a note.
	await marcus.goto(url.replace(/edit$/, 'versions'));
	await marcus.getByRole('button', { name: 'Discard the draft' }).click();
	await card(ada, 'Look them up').click();
	await ada.getByLabel('Notes for the team').click();
	await Promise.all([
		ada.keyboard.type('s'.repeat(60), { delay: 60 }),
		marcus.getByRole('dialog').getByRole('button', { name: 'Discard the draft' }).click(),
		expect(card(ada, 'From the train')).toHaveCount(0)
	]);
	await saved(ada);
	await expect(ada.locator('.svelte-flow__node-note')).toHaveCount(1);
});
