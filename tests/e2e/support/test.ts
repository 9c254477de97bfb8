import { test as base, type BrowserContext, type Cookie, type Page } from '@playwright/test';
import { readRunning, type Running } from '../../../scripts/supervisor/running.ts';
import { demoSignIns } from '../../../src/lib/server/demo/signIns.ts';

export { expect } from '@playwright/test';

export type Profile = 'Administrator' | 'Manager' | 'Rep' | 'Analyst' | 'View only';

/** Signs a browser context in as the first demo user with that profile. */
export async function signIn(context: BrowserContext, origin: string, profile: Profile): Promise<void> {
	const user = demoSignIns.find((one) => one.profile === profile);
	if (!user) throw new Error(`The demo has no user with profile ${profile}.`);
	const response = await context.request.post(`${origin}/login`, {
		form: { email: user.email, password: user.password },
		headers: { origin, accept: 'text/html' },
		maxRedirects: 0
	});
	if (response.status() !== 303)
		throw new Error(`Signing in as ${user.email} answered ${response.status()}.`);
}

interface Fixtures {
	/** A page of a fresh browser context, signed in with that profile. */
	pageAs: (profile: Profile) => Promise<Page>;
	product: Running;
}

interface WorkerFixtures {
	/** Sign-ins of this worker: hashing a password for every page would cost more than the page. */
	sessions: Map<Profile, Cookie[]>;
}

/** `test` on the product that globalSetup started; relative addresses lead to it. */
export const test = base.extend<Fixtures, WorkerFixtures>({
	sessions: [async ({}, use) => use(new Map()), { scope: 'worker' }],
	product: async ({}, use) => {
		const running = await readRunning(process.env.CADENZA_E2E_DATA ?? '');
		if (!running) throw new Error('The product of this run is not there.');
		await use(running);
	},
	baseURL: async ({ product }, use) => use(product.origin),
	pageAs: async ({ browser, product, sessions }, use) => {
		const contexts: BrowserContext[] = [];
		await use(async (profile) => {
			const context = await browser.newContext({ baseURL: product.origin });
			contexts.push(context);
			const kept = sessions.get(profile);
			if (kept) await context.addCookies(kept);
			else {
				await signIn(context, product.origin, profile);
				sessions.set(profile, await context.cookies());
			}
			return context.newPage();
		});
		for (const context of contexts) await context.close();
	}
});
