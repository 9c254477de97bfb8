import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import {
	addAfter,
	boxOf,
	card,
	createCadence,
	drag,
	deleteDrawn,
	firstStep,
	saved,
	stage
} from './support/canvas.ts';
import { expect, test } from './support/test.ts';

test.afterEach(deleteDrawn);

const nodes = (page: Page) => page.locator('.svelte-flow__node');
const selected = (page: Page) => page.locator('.svelte-flow__node.selected');

/** Start, a mail, a task when it was not opened, an exit on a reply. */
async function drawThree(page: Page, name: string): Promise<string> {
	const url = await createCadence(page, `${name} ${Date.now()}`);
	await firstStep(page, 'E-mail', 'Intro mail');
	await addAfter(page, 'Intro mail', 'Not opened', 'Task');
	await page.getByLabel('Name on the canvas').fill('Look them up');
	await addAfter(page, 'Intro mail', 'Replied', 'Exit');
	await page.keyboard.press('Escape');
	await expect(nodes(page)).toHaveCount(4);
	return url;
}

test('COL-4: the search walks from hit to hit; several steps are aligned, distributed, duplicated', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await drawThree(page, 'Searched');
	await stage(page).focus();
	await page.keyboard.press('Control+f');
	const search = page.getByRole('textbox', { name: 'Search the canvas' });
	const count = page.getByRole('search').getByRole('status').first();
	await search.fill('i');
	// The first hit is shown before anything was pressed, also when one writes on.
	await expect(count).toHaveText(/^1 of [2-4]$/);
	await search.fill('mail');
	await expect(count).toHaveText('1 of 1');
	await expect(selected(page)).toHaveText(/Intro mail/);
	await search.fill('nowhere');
	await expect(count).toHaveText('Nothing found');
	await expect(selected(page)).toHaveCount(0);
	await search.fill('i');
	const hits = Number((await count.innerText()).split(' ')[2]);
	const first = await selected(page).innerText();
	await page.keyboard.press('Enter');
	await expect(count).toHaveText(`2 of ${hits}`);
	await page.keyboard.press('Shift+Enter');
	await expect(count).toHaveText(`1 of ${hits}`);
	expect(await selected(page).innerText()).toBe(first);
	await page.keyboard.press('Shift+Enter');
	await expect(count).toHaveText(`${hits} of ${hits}`);
	await search.fill('task');
	await expect(count).toHaveText('1 of 1');
	await page.keyboard.press('Escape');
	await expect(selected(page)).toHaveText(/Look them up/);
	await expect(selected(page)).toBeFocused();

	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('Shift+ArrowDown');
	await page.keyboard.press('Shift+ArrowRight');
	await expect(selected(page)).toHaveCount(3);
	await page.getByRole('button', { name: 'Align top edges' }).click();
	const tops = async () =>
		new Set(
			await Promise.all(
				['Intro mail', 'Look them up'].map(async (name) => Math.round((await boxOf(card(page, name))).y))
			)
		).size;
	await expect.poll(tops).toBe(1);
	await stage(page).focus();
	await page.keyboard.press('Control+z');
	await expect.poll(tops).toBe(2);
	await page.keyboard.press('Control+d');
	await expect(nodes(page)).toHaveCount(7);
	await expect(selected(page)).toHaveCount(3);
	await page.keyboard.press('Control+x');
	await expect(nodes(page)).toHaveCount(4);
	await page.keyboard.press('Control+v');
	await expect(nodes(page)).toHaveCount(7);
	await page.keyboard.press('Control+a');
	await page.keyboard.press('l');
	const spots = async () =>
		new Set(await nodes(page).evaluateAll((all) => all.map((one) => one.style.transform))).size;
	await expect.poll(spots).toBe(7);
});

test('COL-4: steps are dragged from the palette onto the canvas, a card and a branch; a deleted one is joined around', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await drawThree(page, 'Dragged');
	const label = page.locator('[data-edge]', { hasText: 'Not opened' });
	await page.getByRole('button', { name: 'Add Call' }).dragTo(label);
	await expect(nodes(page)).toHaveCount(5);
	await expect(page.locator('[data-edge]')).toHaveCount(4);
	await page.getByRole('textbox', { name: /^Subject/ }).fill('Ring before');
	// A branch takes a step on its line as well, and shows it beforehand.
	const line = await page.locator('.svelte-flow__edge[data-id$="/replied"]').evaluate((edge) => {
		const path = edge.querySelector<SVGPathElement>('.svelte-flow__edge-path')!;
		const seen: { x: number; y: number }[] = [];
		for (let at = 0; at < path.getTotalLength(); at += 2) {
			const { x, y } = path.getPointAtLength(at).matrixTransform(path.getScreenCTM()!);
			if (edge.contains(document.elementFromPoint(x, y))) seen.push({ x, y });
		}
		return seen[seen.length >> 1] ?? { x: 0, y: 0 };
	});
	const task = await boxOf(page.getByRole('button', { name: 'Add Task' }));
	await page.mouse.move(task.x + 10, task.y + 10);
	await page.mouse.down();
	await page.mouse.move(line.x - 30, line.y - 30, { steps: 3 });
	await page.mouse.move(line.x, line.y, { steps: 3 });
	await page.mouse.move(line.x + 1, line.y);
	await expect(page.locator('.svelte-flow__edge[data-drop]')).toHaveCount(1);
	await page.mouse.up();
	await expect(page.locator('[data-drop]')).toHaveCount(0);
	await expect(nodes(page)).toHaveCount(6);
	await stage(page).focus();
	await page.keyboard.press('Control+z');
	await expect(nodes(page)).toHaveCount(5);
	await page.getByRole('button', { name: 'Add Task' }).dragTo(page.locator('.svelte-flow__pane'), {
		targetPosition: { x: 560, y: 700 }
	});
	await expect(nodes(page)).toHaveCount(6);
	await page.getByRole('textbox', { name: /^Subject/ }).fill('Left alone');
	await page.getByRole('button', { name: 'Add E-mail' }).dragTo(card(page, 'Ring before'));
	await expect(page.getByRole('dialog', { name: 'After Ring before' })).toBeVisible();
	await expect(page.getByRole('radio', { name: 'E-mail' })).toHaveAttribute('aria-checked', 'true');
	await page.keyboard.press('Escape');

	// Branches join: the task that stands alone is led to from the mail's click.
	await card(page, 'Intro mail').click({ position: { x: 100, y: 8 } });
	await page.getByRole('button', { name: 'Add a step after: Clicked', exact: true }).click();
	await page.getByRole('menuitem', { name: 'Lead to a step that is there' }).hover();
	await page.getByRole('menuitem', { name: 'Left alone' }).click();
	await expect(page.locator('[data-edge]', { hasText: 'Clicked' })).toBeVisible();

	await card(page, 'Ring before').click();
	await stage(page).focus();
	await page.keyboard.press('Delete');
	await expect(page.locator('[data-edge]', { hasText: 'Not opened' })).toHaveCount(0);
	await page.getByRole('button', { name: 'Join around it' }).click();
	await expect(page.locator('[data-edge]', { hasText: 'Not opened' })).toBeVisible();
	await expect(card(page, 'Ring before')).toHaveCount(0);
	await expect(card(page, 'Look them up')).toBeVisible();
	await stage(page).focus();
	await page.keyboard.press('Control+z');
	await expect(card(page, 'Ring before')).toBeVisible();
});

test('COL-4: sub-trees go from one cadence to another; what that one lacks is shown as a problem', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await drawThree(page, 'Copied from');
	await saved(page);
	await stage(page).focus();
	await page.keyboard.press('Control+a');
	await page.keyboard.press('Control+c');
	await expect(page.getByText('Copied 3 steps')).toBeVisible();
	const other = await page.context().newPage();
	await createCadence(other, `Copied to ${Date.now()}`);
	await stage(other).focus();
	await other.keyboard.press('Control+v');
	await expect(nodes(other)).toHaveCount(4);
	// It keeps clear of what is there.
	const [start, mail] = [await boxOf(nodes(other).first()), await boxOf(card(other, 'Intro mail'))];
	expect(mail.x > start.x + start.width || mail.y > start.y + start.height).toBe(true);
	await expect(other.locator('[data-edge]')).toHaveCount(2);
	await expect(card(other, 'Intro mail')).toBeVisible();
	await other.keyboard.press('Control+v');
	await expect(nodes(other)).toHaveCount(7);
	const pasted = await other
		.locator('.svelte-flow__node', { hasText: 'Intro mail' })
		.evaluateAll((all) => all.map((one) => one.style.transform));
	expect(new Set(pasted).size).toBe(2);
	await other.getByRole('button', { name: /^Problems/ }).click();
	const problem = other.locator('[data-panel] li button').first();
	await expect(problem).toBeVisible();
	await problem.click();
	await expect.poll(() => selected(other).or(other.locator('.svelte-flow__edge.selected')).count()).toBe(1);
	await saved(other);
	await other.reload();
	await expect(nodes(other)).toHaveCount(7);
});

test('COL-4: a box selects, a drag moves all of it, and nothing of the new parts breaks an accessibility rule', async ({
	pageAs
}) => {
	test.setTimeout(120_000);
	const page = await pageAs('Administrator');
	page.setDefaultTimeout(20_000);
	await drawThree(page, 'Boxed');
	await stage(page).focus();
	await page.keyboard.press('s');
	await page.getByRole('textbox', { name: 'Text of the note' }).fill('Ask legal');
	await page.keyboard.press('Escape');
	await page.keyboard.press('Escape');
	const before = await boxOf(card(page, 'Look them up'));
	const mail = await boxOf(card(page, 'Intro mail'));
	await page.keyboard.down('Shift');
	await drag(
		page,
		{ x: mail.x - 8, y: mail.y - 8 },
		{ x: mail.x + mail.width + 8, y: before.y + before.height + 8 }
	);
	await page.keyboard.up('Shift');
	await expect.poll(() => selected(page).count()).toBeGreaterThan(1);
	await drag(page, { x: mail.x + 90, y: mail.y + 12 }, { x: mail.x + 190, y: mail.y + 52 });
	await expect
		.poll(async () => Math.round((await boxOf(card(page, 'Look them up'))).x - before.x))
		.toBeGreaterThan(80);
	const check = async (what: string) => {
		const { violations } = await new AxeBuilder({ page })
			.withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
			.analyze();
		expect(
			violations.map(({ id, nodes: found }) => `${id}: ${found[0]?.html ?? ''}`),
			what
		).toEqual([]);
	};
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		await stage(page).focus();
		await page.keyboard.press('Control+a');
		await page.keyboard.press('Control+f');
		await expect(page.getByRole('button', { name: 'Align left edges' })).toBeVisible();
		await check(`${colorScheme}: several steps and the search`);
		await page.keyboard.press('Escape');
		await page.locator('.svelte-flow__node-note').focus();
		await page.keyboard.press('Enter');
		await stage(page).focus();
		await page.keyboard.press('c');
		await page.getByRole('textbox', { name: 'Comment on the cadence' }).fill('Who signs? @a');
		await check(`${colorScheme}: a note and comments`);
		await page.getByRole('button', { name: 'Close comments' }).click();
	}
});

test('COL-3: notes made by key or menu lie on no step and on no other note; a dropped one lies where it was dropped', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await page.emulateMedia({ reducedMotion: 'reduce' });
	await drawThree(page, 'Placed');
	const notes = page.locator('.svelte-flow__node-note');
	for (let n = 0; n < 3; n++) {
		await stage(page).focus();
		await page.keyboard.press('s');
		await expect(page.getByRole('textbox', { name: 'Text of the note' })).toBeFocused();
		await page.keyboard.type(`Note ${n}`);
		await page.keyboard.press('Escape');
	}
	await page.getByRole('button', { name: 'Add a note' }).click();
	await page.keyboard.press('Escape');
	await expect(notes).toHaveCount(4);
	const boxes = await nodes(page).evaluateAll((all) =>
		all.map((one) => {
			const { left, top, right, bottom } = one.getBoundingClientRect();
			return { left, top, right, bottom };
		})
	);
	const overlaps = boxes.flatMap((a, i) =>
		boxes
			.slice(i + 1)
			.filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
	);
	expect(overlaps).toEqual([]);
	// The last note was brought into sight: the canvas has come to rest.
	let last = NaN;
	const moved = async () => last - (last = (await boxOf(card(page, 'Intro mail'))).x);
	await expect.poll(moved, { intervals: [100] }).toBe(0);
	const onto = await boxOf(card(page, 'Intro mail'));
	const pane = page.locator('.svelte-flow__pane');
	const at = await boxOf(pane);
	await page
		.getByRole('button', { name: 'Add a note' })
		.dragTo(pane, { targetPosition: { x: onto.x - at.x - 60, y: onto.y - at.y + 20 }, force: true });
	await expect(notes).toHaveCount(5);
	const dropped = await boxOf(notes.filter({ has: page.getByRole('textbox') }));
	expect(Math.abs(dropped.x + dropped.width / 2 - (onto.x - 60))).toBeLessThan(12);
});

test('COL-2: undo is heard from buttons of the panel; an exit shows what is wrong with it and that it is talked about', async ({
	pageAs
}) => {
	const ada = await pageAs('Administrator');
	await createCadence(ada, `Taken back ${Date.now()}`);
	await firstStep(ada, 'Task', 'Look them up');
	await addAfter(ada, 'Look them up', 'Completed', 'Exit');
	await ada.getByRole('textbox', { name: /^Reason/ }).fill('Done');
	const exit = ada.locator('.svelte-flow__node-exit');
	await ada.getByRole('button', { name: 'Comments (C)' }).click();
	await ada.getByRole('textbox', { name: 'Comment on this step' }).fill('Why?');
	await ada.keyboard.press('Enter');
	await expect(exit.getByRole('button', { name: '1 open comment: show' })).toBeVisible();
	await ada.getByRole('button', { name: 'Close comments' }).click();

	await card(ada, 'Look them up').click();
	const priority = ada.getByRole('combobox', { name: 'Priority' }).or(ada.getByLabel('Priority')).first();
	const before = (await priority.textContent()) ?? '';
	await priority.click();
	await ada.getByRole('option', { name: 'High' }).click();
	await expect(priority).toHaveText(/High/);
	await expect(priority).toBeFocused();
	await ada.keyboard.press('Control+z');
	await expect(priority).toHaveText(before);

	await ada.getByRole('button', { name: 'Delete (Del)' }).click();
	await expect(exit.getByText('problems')).toBeAttached();
	await ada.getByRole('button', { name: /Problems/ }).click();
	await ada.keyboard.press('Control+z');
	await expect(card(ada, 'Look them up')).toBeVisible();
	await expect(exit.getByText('problems')).toHaveCount(0);
});

test('COL-4: a box or Shift and a click select several; a plain click means one of them; keys go on after a button', async ({
	pageAs
}) => {
	const page = await pageAs('Administrator');
	await drawThree(page, 'Boxed');
	await stage(page).focus();
	await page.keyboard.press('f');
	const at = async (name: string) => {
		const { x, y } = await boxOf(card(page, name));
		return { x: x + 40, y: y + 12 };
	};
	const [mail, task] = [await boxOf(card(page, 'Intro mail')), await boxOf(card(page, 'Look them up'))];
	await page.keyboard.down('Shift');
	await drag(
		page,
		{ x: Math.min(mail.x, task.x) - 14, y: mail.y - 8 },
		{ x: Math.max(mail.x + mail.width, task.x + task.width) + 6, y: task.y + 30 }
	);
	await expect.poll(() => selected(page).count()).toBeGreaterThan(1);
	const one = await at('Look them up');
	const before = await selected(page).count();
	await page.mouse.click(one.x, one.y);
	await page.keyboard.up('Shift');
	await expect(selected(page)).toHaveCount(before - 1);
	await page.keyboard.down('Shift');
	await page.mouse.click(one.x, one.y);
	await page.keyboard.up('Shift');
	await expect(selected(page)).toHaveCount(before);
	await page.mouse.click(one.x, one.y);
	await expect(selected(page)).toHaveCount(1);
	await expect(selected(page)).toHaveText(/Look them up/);
	await page.getByRole('button', { name: /^Comments, / }).click();
	await page.getByRole('button', { name: /^Comments, / }).click();
	await page.keyboard.press('Escape');
	await expect(selected(page)).toHaveCount(0);
});
