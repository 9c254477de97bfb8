import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import postgres from 'postgres';
import { productFolder, startProduct, type Product } from '../e2e/support/product.ts';
import { signIn } from '../e2e/support/test.ts';
import { resolveBrowser } from '../support/browser.ts';

/**
 * `npm run screens`: every page of the demo in both sizes and both themes, as pictures in .screens/ to be looked at.
 * Prints errors of pages and consoles; ends with 1 when there were any.
 */
const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const themes = ['light', 'dark'] as const;
const folder = '.screens';

const fixed = {
	home: '/',
	work: '/work',
	leads: '/leads',
	contacts: '/contacts',
	accounts: '/accounts',
	deals: '/deals',
	'empty-list': '/vendors',
	'new-lead': '/leads/new',
	'new-view': '/leads/views/new',
	import: '/leads/import',
	cadences: '/cadences',
	'new-cadence': '/cadences/new',
	reports: '/reports',
	setup: '/setup',
	profiles: '/setup/profiles',
	users: '/setup/users',
	modules: '/setup/modules',
	subscription: '/setup/subscription',
	channels: '/setup/channels',
	templates: '/setup/templates',
	'whatsapp-templates': '/setup/whatsapp-templates',
	suppressions: '/setup/suppressions',
	doubtful: '/setup/doubtful',
	operations: '/setup/operations',
	profile: '/profile',
	missing: '/leads/00000000-0000-4000-8000-000000000000'
};

/** Pages of one thing: the busiest cadence, a record of it, the unfinished draft. */
async function pagesOf(product: Product): Promise<Record<string, string>> {
	const sql = postgres(product.logins.owner, { max: 1, onnotice: () => undefined });
	try {
		const [busy] = await sql<{ id: string; record: string }[]>`
			select cadence_id as id, (array_agg(record_id order by follow_up desc))[1] as record from enrollments
			group by 1 order by count(*) desc limit 1`;
		const [draft] = await sql<{ id: string }[]>`select id from cadences where state = 'draft' limit 1`;
		const cadence = `/cadences/${busy?.id ?? ''}`;
		return {
			...fixed,
			record: `/leads/${busy?.record ?? ''}`,
			canvas: `${cadence}/edit`,
			'canvas-with-problems': `/cadences/${draft?.id ?? ''}/edit`,
			enrollments: `${cadence}/enrollments`,
			versions: `${cadence}/versions`,
			report: `${cadence}/report`
		};
	} finally {
		await sql.end();
	}
}

async function shoot(page: Page, name: string, path: string, suffix: string): Promise<void> {
	const response = await page.goto(path, { waitUntil: 'load' });
	if (response && response.status() >= 400 && name !== 'missing')
		console.error(`${path} answered ${response.status()}`);
	await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
	await page.waitForTimeout(path.endsWith('/edit') ? 2500 : 400);
	await page.screenshot({ path: join(folder, `${name}-${suffix}.png`) });
}

const data = await productFolder();
const product = await startProduct(data);
const browser = await chromium.launch(await resolveBrowser());
let faults = 0;
try {
	await mkdir(folder, { recursive: true });
	const pages = await pagesOf(product);
	for (const [size, viewport] of Object.entries(sizes))
		for (const colorScheme of themes) {
			const suffix = `${size}-${colorScheme}`;
			const context = await browser.newContext({ baseURL: product.origin, viewport, colorScheme });
			const page = await context.newPage();
			page.on('pageerror', (error) => {
				faults++;
				console.error(`${page.url()}: ${error.message}`);
			});
			await shoot(page, 'sign-in', '/login', suffix);
			await signIn(context, product.origin, 'Manager');
			const manager = new Set(['work', 'leads', 'record', 'home']);
			for (const name of manager) await shoot(page, name, pages[name] ?? '/', suffix);
			await signIn(context, product.origin, 'Administrator');
			for (const [name, path] of Object.entries(pages))
				if (!manager.has(name)) await shoot(page, name, path, suffix);
			await context.close();
			console.log(`${suffix}: ${Object.keys(pages).length + 1} pages`);
		}
} finally {
	await browser.close();
	await product.stop();
	await rm(data, { recursive: true, force: true });
}
process.exitCode = faults ? 1 : 0;
