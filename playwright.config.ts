import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { resolveBrowser } from './tests/support/browser.ts';

const { executablePath, args, env } = await resolveBrowser();

// The many processes of the product find its modules compiled already.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url));

const drawing = ['canvas*', 'conditions', 'simulator', 'versions'].map((name) => `**/${name}.e2e.ts`);
/** On products of their own, or changing nothing: beside whatever runs. */
const apart = ['accessibility', 'story', 'supervisor'].map((name) => `**/${name}.e2e.ts`);

export default defineConfig({
	testDir: 'tests/e2e',
	testMatch: '**/*.e2e.ts',
	outputDir: 'test-results',
	globalSetup: './tests/e2e/support/globalSetup.ts',
	fullyParallel: false,
	// Two lanes side by side, one file after the other in each: lists, queues and counts of the one demo are changed by
	// the files of one lane alone, the other one draws cadences of its own.
	workers: 2,
	projects: [
		{ name: 'drawing', workers: 1, testMatch: drawing },
		{ name: 'records', workers: 1, testIgnore: [...drawing, ...apart] },
		{ name: 'apart', testMatch: apart }
	],
	// A browser on two busy cores may be asked again; the report calls such a test flaky.
	retries: 1,
	timeout: 60_000,
	expect: { timeout: 15_000 },
	reporter: [['list']],
	use: {
		viewport: { width: 1440, height: 900 },
		// Recording pictures of every step takes time from the other lane: only a test that is asked again tells why.
		trace: 'on-first-retry',
		// What moves, moves at once, except where a test asks for it.
		contextOptions: { reducedMotion: 'reduce' },
		launchOptions: { ...(executablePath && { executablePath }), args, ...(env && { env }) }
	}
});
