import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './support/test.ts';

test.describe.configure({ timeout: 180_000 });

const fixed = [
	'/',
	'/work',
	'/work/calendar',
	'/work/calendar?span=week',
	'/leads',
	'/leads/new',
	'/leads/import',
	'/leads/bin',
	'/leads/views/new',
	'/cadences',
	'/cadences/new',
	'/reports',
	'/profile',
	'/setup',
	'/setup/users',
	'/setup/profiles',
	'/setup/modules',
	'/setup/templates',
	'/setup/templates/new',
	'/setup/whatsapp-templates',
	'/setup/channels',
	'/setup/doubtful',
	'/setup/operations',
	'/setup/suppressions',
	'/setup/subscription'
];

/** Pages of one thing: reached by the first link to such a thing, or by the one of that name. */
async function linked(page: Page, from: string, pattern: RegExp, name = /./): Promise<string> {
	await page.goto(from);
	const found = page.locator('main a[href]').filter({ hasText: name });
	// The list may still be on its way into the page.
	await found.first().waitFor();
	const links = await found.evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''));
	const first = links.find((href) => pattern.test(href));
	if (!first) throw new Error(`${from} has no link like ${pattern.source}.`);
	return first;
}

/** Waits for two frames and the end of what moves for a while. */
const settle = (page: Page) =>
	page.evaluate(async () => {
		for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
		const passing = document
			.getAnimations()
			.filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
		await Promise.allSettled(passing.map(({ finished }) => finished));
	});

test('no page has an accessibility violation, in either theme', async ({ pageAs }) => {
	const page = await pageAs('Administrator');
	const uuid = '[0-9a-f-]{36}';
	// Others come and go while this runs.
	const cadence = (await linked(page, '/cadences', new RegExp(`^/cadences/${uuid}`), /Welcome new web leads/))
		.split('/')
		.slice(0, 3)
		.join('/');
	const pages = [
		...fixed,
		await linked(page, '/leads', new RegExp(`^/leads/${uuid}$`)),
		await linked(page, '/setup/profiles', new RegExp(`^/setup/profiles/${uuid}$`)),
		await linked(page, '/setup/templates', new RegExp(`^/setup/templates/${uuid}$`)),
		...['edit', 'enrollments', 'report', 'versions'].map((part) => `${cadence}/${part}`)
	];
	const found: string[] = [];
	for (const path of pages) {
		// Colours that are still on their way from one theme to the other would be measured: a page begins light.
		await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
		await page.goto(path);
		for (const colorScheme of ['light', 'dark'] as const) {
			await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
			await settle(page);
			// Rows of a table are alike: some of them speak for all.
			const axe = new AxeBuilder({ page })
				.exclude(['iframe'])
				.exclude(['tbody tr:nth-child(n + 5)'])
				.setLegacyMode();
			// Only colours differ in the dark.
			if (colorScheme === 'dark') axe.withRules('color-contrast');
			const { violations } = await axe.analyze();
			for (const { id, nodes } of violations)
				found.push(`${path} ${colorScheme} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
		}
	}
	expect(found).toEqual([]);
});
