import AxeBuilder from '@axe-core/playwright';
import { demoSignIns } from '../../src/lib/server/demo/signIns.ts';
import { expect, signIn, test } from './support/test.ts';

test('asks a stranger to sign in and then leads to where they wanted to go', async ({ page }) => {
	const [admin] = demoSignIns;
	await page.goto('/profile?x=1');
	await expect(page).toHaveURL(/\/login\?return=%2Fprofile%3Fx%3D1$/);
	await page.getByLabel('E-mail').fill(admin!.email);
	await page.getByLabel('Password').fill('wrong');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByRole('alert')).toContainText('do not belong together');
	await expect(page.getByLabel('E-mail')).toHaveValue(admin!.email);
	await page.getByLabel('Password').fill(admin!.password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page).toHaveURL(/\/profile\?x=1$/);
});

test('the sign-in page has no accessibility violations in either theme', async ({ page }) => {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		await page.goto('/login');
		const { violations } = await new AxeBuilder({ page }).analyze();
		expect(violations).toEqual([]);
	}
});

test('scripts and styles of the page obey the content security policy', async ({ page }) => {
	const refused: string[] = [];
	page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
	const response = await page.goto('/login');
	expect(response?.headers()['content-security-policy']).toContain("script-src 'self' 'nonce-");
	expect(response?.headers()).toMatchObject({
		'x-content-type-options': 'nosniff',
		'cache-control': 'no-store'
	});
	await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
	expect(refused).toEqual([]);
});

test('signing out ends the session itself, not only the cookie', async ({ page, product }) => {
	// A session of its own: other tests go on with theirs.
	await signIn(page.context(), product.origin, 'Rep');
	const kept = await page.context().cookies();
	const out = await page.request.post('/logout', { headers: { origin: product.origin }, maxRedirects: 0 });
	expect(out.status()).toBe(303);
	await page.context().addCookies(kept);
	await page.goto('/profile?x=1');
	await expect(page).toHaveURL(/\/login/);
});
