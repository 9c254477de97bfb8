import { expect, type Page } from '@playwright/test';

/** What a person does on the canvas, in the words of the page. */
export const card = (page: Page, text: string) => page.locator('.svelte-flow__node', { hasText: text });

export const saved = (page: Page) =>
	expect(page.locator('[data-save-state]')).toHaveAttribute('data-save-state', 'saved');

export async function firstStep(page: Page, step: string): Promise<void> {
	await page.getByRole('button', { name: 'Add the first step' }).click();
	await page.getByRole('menuitem', { name: step }).click();
}

export const nameIt = (page: Page, name: string) => page.getByLabel('Name on the canvas').fill(name);

/** Selects the card and opens the menu of one of its free responses. */
async function openResponse(page: Page, from: string, response: string): Promise<void> {
	await card(page, from).click();
	await page.getByRole('button', { name: `Add a step after: ${response}`, exact: true }).click();
}

/** A new step after a free response; its panel is open afterwards. */
export async function addAfter(page: Page, from: string, response: string, step: string): Promise<void> {
	await openResponse(page, from, response);
	await page.getByRole('menuitem', { name: step }).click();
}

/** GRA-3: the branch leads to a step that is there. */
export async function joinAfter(page: Page, from: string, response: string, target: string): Promise<void> {
	await openResponse(page, from, response);
	await page.getByRole('menuitem', { name: 'Lead to a step that is there' }).click();
	await page.getByRole('menuitem', { name: target }).click();
}

/** A control by its label, required or not. */
export function field(page: Page, label: string) {
	const name = new RegExp(`^${label}( \\(required\\))?$`);
	return page.getByRole('textbox', { name }).or(page.getByRole('combobox', { name })).first();
}

export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
	await field(page, label).click();
	await page.getByRole('option', { name: option }).first().click();
}
