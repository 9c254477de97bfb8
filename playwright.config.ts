import { defineConfig } from '@playwright/test';
import { resolveBrowser } from './tests/support/browser.ts';

const { executablePath, args, env } = await resolveBrowser();

export default defineConfig({
	testDir: 'tests/e2e',
	testMatch: '**/*.e2e.ts',
	outputDir: 'test-results',
	globalSetup: './tests/e2e/support/globalSetup.ts',
	fullyParallel: false,
	workers: 1,
	// A browser on two busy cores may be asked again; the report calls such a test flaky.
	retries: 1,
	timeout: 60_000,
	expect: { timeout: 10_000 },
	reporter: [['list']],
	use: {
		viewport: { width: 1440, height: 900 },
		trace: 'retain-on-failure',
		launchOptions: { ...(executablePath && { executablePath }), args, ...(env && { env }) }
	}
});
