import { expect, type Locator, type Page } from '@playwright/test';

export const card = (page: Page, text: string): Locator =>
	page.locator('.svelte-flow__node', { hasText: text });
export const stage = (page: Page): Locator => page.getByRole('region', { name: /^Canvas of the cadence/ });

export const saved = (page: Page): Promise<void> =>
	expect(page.locator('[data-save-state]')).toHaveAttribute('data-save-state', 'saved');

/** CAD-1: both steps of creation, with enrollment by hand. Answers the address of the canvas. */
export async function createCadence(page: Page, name: string): Promise<string> {
	await page.goto('/cadences/new');
	await page.getByLabel('Name').fill(name);
	await page.getByRole('radio', { name: /By hand/ }).check();
	await page.getByRole('button', { name: 'Create and draw' }).click();
	await page.waitForURL(/\/cadences\/[0-9a-f-]+\/edit$/);
	await expect(page.getByRole('button', { name: 'Add the first step' })).toBeVisible();
	willDelete(page);
	return page.url();
}

/** A cadence that came to be in another way is deleted after the test, too. */
export const willDelete = (page: Page): void => void drawn.push({ page, url: page.url() });

const drawn: { page: Page; url: string }[] = [];

/** For `afterEach`: all browser tests share one organization, and it may hold so many cadences (LIM-1). */
export async function deleteDrawn(): Promise<void> {
	for (const { page, url } of drawn.splice(0)) {
		const { origin, pathname } = new URL(url);
		if (page.isClosed()) continue;
		await page.request.post(`${origin}/cadences?/delete`, {
			form: { cadenceId: pathname.split('/')[2] ?? '' },
			headers: { origin, accept: 'application/json' }
		});
	}
}

/** The first step of an empty canvas, with a name. */
export async function firstStep(page: Page, kind: string, name: string): Promise<void> {
	await page.getByRole('button', { name: 'Add the first step' }).click();
	await page.getByRole('menuitem', { name: kind, exact: true }).click();
	await page.getByLabel('Name on the canvas').fill(name);
	await expect(card(page, name)).toBeVisible();
}

/** A step after a response of a card, by the card's menu. */
export async function addAfter(page: Page, from: string, response: string, step: string): Promise<void> {
	await card(page, from)
		.first()
		.click({ position: { x: 100, y: 8 } });
	await page.getByRole('button', { name: `Add a step after: ${response}`, exact: true }).click();
	await page.getByRole('menuitem', { name: step }).click();
}

export async function boxOf(
	locator: Locator
): Promise<{ x: number; y: number; width: number; height: number }> {
	const box = await locator.boundingBox();
	if (!box) throw new Error('It is not on the page.');
	return box;
}

/** From the middle of one place to another, as a hand does it. */
export async function drag(
	page: Page,
	from: { x: number; y: number },
	to: { x: number; y: number }
): Promise<void> {
	await page.mouse.move(from.x, from.y);
	await page.mouse.down();
	await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
	await page.mouse.move(to.x, to.y, { steps: 4 });
	await page.mouse.up();
}
