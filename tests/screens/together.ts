import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { addAfter, card, choose, field, firstStep, joinAfter, nameIt, saved } from '../e2e/story/draw.ts';
import { productFolder, startProduct } from '../e2e/support/product.ts';
import { signIn, type Profile } from '../e2e/support/test.ts';
import { resolveBrowser } from '../support/browser.ts';

/**
 * `npm run screens:together [ORIGIN]`: two people draw the cadence of the main job, as pictures in docs/together/: both
 * windows side by side, one light, one dark. With an address it draws in the product that runs there.
 */
const folder = 'docs/together';
const viewport = { width: 1280, height: 800 };

async function pageAs(browser: Browser, origin: string, profile: Profile, dark: boolean): Promise<Page> {
	const colorScheme = dark ? 'dark' : 'light';
	const context = await browser.newContext({ baseURL: origin, viewport, colorScheme });
	await signIn(context, origin, profile);
	return context.newPage();
}

async function draw(browser: Browser, origin: string): Promise<void> {
	const ada = await pageAs(browser, origin, 'Administrator', false);
	const marcus = await pageAs(browser, origin, 'Manager', true);
	const sheet = await browser.newPage({ viewport: { width: 1600, height: 500 } });
	let pictures = 0;
	/** Both windows beside each other, in one small picture. */
	async function shoot(name: string): Promise<void> {
		await ada.waitForTimeout(500);
		const windows = await Promise.all([ada, marcus].map((page) => page.screenshot({ type: 'png' })));
		const images = windows.map(
			(png) => `<img src="data:image/png;base64,${png.toString('base64')}" style="width:800px;height:500px">`
		);
		await sheet.setContent(`<body style="margin:0;display:flex">${images.join('')}</body>`);
		const path = join(folder, `${++pictures}-${name}.jpg`);
		await sheet.screenshot({ path, type: 'jpeg', quality: 62 });
		console.log(path);
	}

	await ada.goto('/cadences/new');
	await field(ada, 'Name').fill(`Back to work ${new Date().getMinutes()}`);
	await ada.getByRole('radio', { name: /By hand/ }).check();
	await ada.getByRole('button', { name: 'Create and draw' }).click();
	await ada.waitForURL(/\/cadences\/[0-9a-f-]+\/edit$/);
	await marcus.goto(ada.url());
	await saved(ada);
	await saved(marcus);

	await firstStep(ada, 'E-mail');
	await nameIt(ada, 'Welcome');
	await choose(ada, 'Template', /Welcome to Northwind/);
	await addAfter(marcus, 'Welcome', 'Clicked', 'WhatsApp');
	await nameIt(marcus, 'Chat');
	await marcus.mouse.move(760, 560);
	await ada.mouse.move(560, 640);
	await shoot('first-steps');

	await addAfter(ada, 'Welcome', 'Replied', 'Exit');
	await field(ada, 'Reason').fill('Answered');
	await addAfter(marcus, 'Welcome', 'Opened', 'Task');
	await field(marcus, 'Subject').fill('Look them up');
	await addAfter(ada, 'Welcome', 'Not opened', 'Call');
	await field(ada, 'Subject').click();
	await field(ada, 'Subject').fill('Say hello');
	await card(marcus, 'Say hello').click();
	await shoot('one-field-two-people');

	await addAfter(ada, 'Say hello', 'Interested', 'Task');
	await field(ada, 'Subject').fill('Send an offer');
	await addAfter(ada, 'Say hello', 'No response', 'E-mail');
	await nameIt(ada, 'Second try');
	await joinAfter(marcus, 'Chat', 'Not replied', 'Second try');
	await ada.keyboard.press('Escape');
	await ada.getByRole('button', { name: /^Tidy up/ }).click();
	await marcus.getByRole('button', { name: /^Show everything/ }).click();
	await shoot('tidied-up');

	await card(ada, 'Second try').click({ position: { x: 60, y: 8 } });
	await ada.getByRole('button', { name: 'Comments (C)' }).click();
	await ada
		.getByRole('textbox', { name: 'Comment on this step' })
		.pressSequentially('Too soon after the call? @marc');
	await ada.keyboard.press('Enter');
	await ada.keyboard.type('what do you think?');
	await ada.keyboard.press('Enter');
	await marcus.getByRole('button', { name: '1 open comment: show' }).click();
	await marcus.getByRole('textbox', { name: 'Reply' }).fill('Give them two more days.');
	await marcus.keyboard.press('Enter');
	await marcus.getByRole('button', { name: 'Add a note' }).click();
	await marcus.getByRole('textbox', { name: 'Text of the note' }).fill('Legal has seen both mails.');
	await marcus.keyboard.press('Escape');
	await shoot('comment-and-note');

	await marcus.getByRole('button', { name: 'Close comments' }).click();
	await marcus.getByRole('button', { name: /^Ada Novak is here/ }).click();
	await card(ada, 'Say hello').click({ position: { x: 60, y: 8 } });
	await ada.mouse.move(560, 500);
	await ada.mouse.wheel(40, 160);
	await shoot('following');
}

const browser = await chromium.launch(await resolveBrowser());
const origin = process.argv[2];
const data = origin === undefined ? await productFolder() : null;
const product = data === null ? null : await startProduct(data);
try {
	await mkdir(folder, { recursive: true });
	await draw(browser, origin ?? product?.origin ?? '');
} finally {
	await browser.close();
	await product?.stop();
	if (data !== null) await rm(data, { recursive: true, force: true });
}
